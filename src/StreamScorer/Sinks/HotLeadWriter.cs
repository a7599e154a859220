using System.Buffers;
using System.Runtime.CompilerServices;
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
    // Held for a whole micro-batch: one may be folded while a part of the one before it is folded again.
    private readonly Lock _folding = new();
    private readonly ArrayBufferWriter<byte> _features = new(4096);
    private Folded _current = new();
    private Folded _ahead = new();

    // Its own: the scorer's is at work on the next micro-batch.
    private EventDecoder? _decoder;
    private ScoringModel? _decoderModel;

    /// <summary>These leases were taken: their records come next.</summary>
    public void Open(IReadOnlyList<PartitionLease> leases, CancellationToken ct) => filter?.Open(leases, ct);

    /// <summary>
    /// Folds a batch whose write comes next, while the one before it is being written. Without it, the write folds.
    /// </summary>
    public void Prepare(MicroBatch batch, ScoredBatch scored, ScoringModel model)
    {
        scored.RemoveReleasedAndBad(batch);
        Fold(_ahead, batch, scored, model, 0, scored.Count);
        _ahead.Of = scored;
    }

    /// <summary>
    /// Writes the batch. Returns the leases that were refused; they are released, and the rest of the batch is written.
    /// Records that the database refuses as data are appended to <see cref="ScoredBatch.Bad"/>.
    /// </summary>
    public async Task<IReadOnlyList<PartitionLease>> WriteAsync(
        MicroBatch batch, ScoredBatch scored, ScoringModel model, CancellationToken ct)
    {
        var refused = new List<PartitionLease>();
        var count = scored.Count;
        scored.RemoveReleasedAndBad(batch);
        // What was folded ahead counts unless an event of it has gone since.
        var isFolded = ReferenceEquals(_ahead.Of, scored) && scored.Count == count;
        _ahead.Of = null;
        if (isFolded)
            (_current, _ahead) = (_ahead, _current);
        while (scored.Count > 0)
        {
            if (!isFolded)
                Fold(_current, batch, scored, model, 0, scored.Count);
            isFolded = false;
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

    /// <summary>Writes a range that is folded in <see cref="_current"/>.</summary>
    /// <returns>Null when written (or found bad), else the leases that were refused: then nothing of the range is written.</returns>
    private async Task<IReadOnlyList<PartitionLease>?> WriteRangeAsync(
        MicroBatch batch, ScoredBatch scored, ScoringModel model, int start, int end, CancellationToken ct)
    {
        if (_current.Batch.Count == 0)
            return null;
        try
        {
            var result = await retry.RunAsync(
                Readiness.PostgreSql, token => store.WriteAsync(_current.Batch, _current.Epochs, token), ct).ConfigureAwait(false);
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
            Fold(_current, batch, scored, model, start, middle);
            if (await WriteRangeAsync(batch, scored, model, start, middle, ct).ConfigureAwait(false) is { } refused)
                return refused;
            Fold(_current, batch, scored, model, middle, end);
            return await WriteRangeAsync(batch, scored, model, middle, end, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Only the code: the server's own words may quote the value.</summary>
    private static string Refusal(Exception exception) =>
        $"PostgreSQL cannot store this lead's values (SQLSTATE {(exception as Npgsql.PostgresException)?.SqlState ?? "unknown"}).";

    private void Fold(Folded folded, MicroBatch batch, ScoredBatch scored, ScoringModel model, int start, int end)
    {
        lock (_folding)
        {
            folded.Batch.Begin(model.Name, model.Id, scored.ScoredAtMicros);
            folded.Epochs.Clear();
            FoldEvents(folded, batch, scored, start, end);
            SetDetails(folded.Batch, batch, scored, model);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in BatchScorer
    private void FoldEvents(Folded folded, MicroBatch batch, ScoredBatch scored, int start, int end)
    {
        PartitionLease? last = null;
        var slot = -1;
        var leases = batch.Leases;
        var records = scored.Records;
        var details = scored.Decoded;
        var events = scored.Events;
        for (var i = start; i < end; i++)
        {
            var lease = leases[records[i]];
            var leadId = scored.Texts.Get(details[i].LeadId);
            var hash = LeadHash.Of(leadId);
            if (events[i].Hot)
                filter?.Add(lease, hash);
            else if (ChangesNothing(batch, records[i], lease, leadId, hash))
                continue;
            if (!ReferenceEquals(lease, last))
                slot = folded.SlotOf(lease);
            last = lease;
            folded.Batch.Fold(slot, leadId, hash, events[i], i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in BatchScorer
    private void SetDetails(HotLeadBatch leads, MicroBatch batch, ScoredBatch scored, ScoringModel model)
    {
        if (!ReferenceEquals(_decoderModel, model))
            (_decoder, _decoderModel) = (new EventDecoder(model.Schema), model);
        var payload = batch.Payload;
        var values = batch.Values;
        var records = scored.Records;
        for (var entry = 0; entry < leads.Count; entry++)
        {
            var hot = leads.HotEventIndex(entry);
            if (hot < 0)
                continue;
            _features.ResetWrittenCount();
            _decoder!.AppendFeaturesJson(payload.GetText(values[records[hot]]), _features);
            leads.SetDetails(entry, scored.Texts.Get(scored.Reasons[leads.EventIndex(entry)]), _features.WrittenSpan);
        }
    }

    /// <summary>A cold event of a lead that has no row. Only where the key says that the lead stays in this partition.</summary>
    private bool ChangesNothing(MicroBatch batch, int record, PartitionLease lease, ReadOnlySpan<byte> leadId, int hash) =>
        filter is not null && !filter.MayHaveRow(lease, hash) && batch.Payload.Get(batch.Keys[record]).SequenceEqual(leadId);

    private static List<PartitionLease> LeasesOf(MicroBatch batch, HotLeadWriteResult result)
    {
        var leases = new List<PartitionLease>();
        foreach (var lease in batch.Leases)
            if (result.RefusedPartitions.Contains(lease.Partition) && !leases.Contains(lease))
                leases.Add(lease);
        return leases;
    }

    /// <summary>A micro-batch, or a part of it, as it is written.</summary>
    private sealed class Folded
    {
        public HotLeadBatch Batch { get; } = new();

        public List<PartitionEpoch> Epochs { get; } = [];

        /// <summary>The whole micro-batch that was folded ahead of its write; null: none.</summary>
        public ScoredBatch? Of { get; set; }

        public int SlotOf(PartitionLease lease)
        {
            var slot = Batch.PartitionSlot(lease.Partition.Topic, lease.Partition.Partition.Value);
            if (slot == Epochs.Count)
                Epochs.Add(new PartitionEpoch(lease.Partition.Topic, lease.Partition.Partition.Value, lease.OwnerEpoch));
            return slot;
        }
    }
}
