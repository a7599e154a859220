using System.Buffers;
using StreamScorer.Consumer;
using StreamScorer.Features;
using StreamScorer.Scoring;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>
/// Step 4 of the loop: folds a scored micro-batch to the newest event per lead and writes it, retrying while the
/// database is away. A refusal names the partitions that another worker took; a row that the database can never take is
/// found by halving the batch, and becomes a dead letter.
/// </summary>
/// <param name="store">The table.</param>
/// <param name="retry">Waits while the database is away.</param>
/// <param name="filter">Tells which leads have no row; null: every lead is asked for.</param>
public sealed class HotLeadWriter(IHotLeadStore store, OutageRetry retry, LeadFilter? filter = null)
{
    private readonly HotLeadBatch _batch = new();
    private readonly List<PartitionEpoch> _epochs = [];
    private readonly ArrayBufferWriter<byte> _features = new(4096);

    // Its own: the scorer's is at work on the next micro-batch.
    private EventDecoder? _decoder;
    private ScoringModel? _decoderModel;

    /// <summary>These leases were taken: their records come next.</summary>
    public void Open(IReadOnlyList<PartitionLease> leases, CancellationToken ct) => filter?.Open(leases, ct);

    /// <summary>
    /// Writes the batch. Returns the leases that were refused; they are released, and the rest of the batch is written.
    /// Records that the database refuses as data are appended to <see cref="ScoredBatch.Bad"/>.
    /// </summary>
    public async Task<IReadOnlyList<PartitionLease>> WriteAsync(
        MicroBatch batch, ScoredBatch scored, ScoringModel model, CancellationToken ct)
    {
        var refused = new List<PartitionLease>();
        if (!ReferenceEquals(_decoderModel, model))
            (_decoder, _decoderModel) = (new EventDecoder(model.Schema), model);
        scored.RemoveReleasedAndBad(batch);
        while (scored.Count > 0)
        {
            var answer = await WriteRangeAsync(batch, scored, model, 0, scored.Count, ct).ConfigureAwait(false);
            if (answer is null)
                break;
            // A lease that the source has ended meanwhile is not told of again; the batch is to be written all the same.
            refused.AddRange(answer.Where(lease => !lease.Released));
            foreach (var lease in answer)
                lease.Release();
            scored.RemoveReleasedAndBad(batch);
        }

        scored.RemoveReleasedAndBad(batch);
        return refused;
    }

    /// <returns>Null when written (or found bad), else the leases that were refused: then nothing of the range is written.</returns>
    private async Task<IReadOnlyList<PartitionLease>?> WriteRangeAsync(
        MicroBatch batch, ScoredBatch scored, ScoringModel model, int start, int end, CancellationToken ct)
    {
        Fold(batch, scored, model, start, end);
        if (_batch.Count == 0)
            return null;
        try
        {
            var result = await retry.RunAsync(
                Readiness.PostgreSql, token => store.WriteAsync(_batch, _epochs, token), ct).ConfigureAwait(false);
            return result.IsWritten ? null : LeasesOf(batch, result);
        }
        catch (Exception exception) when (SinkErrors.IsBadData(exception))
        {
            if (end - start == 1)
            {
                scored.Bad.Add(new BadRecord(scored.Records[start], "hot-leads", "RefusedByDatabase", Refusal(exception)));
                return null;
            }

            var middle = start + (end - start) / 2;
            var left = await WriteRangeAsync(batch, scored, model, start, middle, ct).ConfigureAwait(false);
            return left ?? await WriteRangeAsync(batch, scored, model, middle, end, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Only the code: the server's own words may quote the value.</summary>
    private static string Refusal(Exception exception) =>
        $"PostgreSQL cannot store this lead's values (SQLSTATE {(exception as Npgsql.PostgresException)?.SqlState ?? "unknown"}).";

    private void Fold(MicroBatch batch, ScoredBatch scored, ScoringModel model, int start, int end)
    {
        _batch.Begin(model.Name, model.Id, scored.ScoredAtMicros);
        _epochs.Clear();
        PartitionLease? last = null;
        var slot = -1;
        for (var i = start; i < end; i++)
        {
            var lease = batch.Leases[scored.Records[i]];
            var leadId = scored.Texts.Get(scored.Decoded[i].LeadId);
            var hash = LeadHash.Of(leadId);
            if (scored.Events[i].Hot)
                filter?.Add(lease, hash);
            else if (ChangesNothing(batch, scored.Records[i], lease, leadId, hash))
                continue;
            if (!ReferenceEquals(lease, last))
                slot = SlotOf(lease);
            last = lease;
            _batch.Fold(slot, leadId, hash, scored.Events[i], i);
        }

        for (var entry = 0; entry < _batch.Count; entry++)
        {
            var hot = _batch.HotEventIndex(entry);
            if (hot < 0)
                continue;
            _features.ResetWrittenCount();
            _decoder!.AppendFeaturesJson(batch.Payload.GetText(batch.Values[scored.Records[hot]]), _features);
            _batch.SetDetails(entry, scored.Texts.Get(scored.Reasons[_batch.EventIndex(entry)]), _features.WrittenSpan);
        }
    }

    /// <summary>A cold event of a lead that has no row. Only where the key says that the lead stays in this partition.</summary>
    private bool ChangesNothing(MicroBatch batch, int record, PartitionLease lease, ReadOnlySpan<byte> leadId, int hash) =>
        filter is not null && !filter.MayHaveRow(lease, hash) && batch.Payload.Get(batch.Keys[record]).SequenceEqual(leadId);

    private int SlotOf(PartitionLease lease)
    {
        var slot = _batch.PartitionSlot(lease.Partition.Topic, lease.Partition.Partition.Value);
        if (slot == _epochs.Count)
            _epochs.Add(new PartitionEpoch(lease.Partition.Topic, lease.Partition.Partition.Value, lease.OwnerEpoch));
        return slot;
    }

    private static List<PartitionLease> LeasesOf(MicroBatch batch, HotLeadWriteResult result)
    {
        var leases = new List<PartitionLease>();
        foreach (var lease in batch.Leases)
            if (result.RefusedPartitions.Contains(lease.Partition) && !leases.Contains(lease))
                leases.Add(lease);
        return leases;
    }
}
