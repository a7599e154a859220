using System.Text;
using Confluent.Kafka;
using Npgsql;
using StreamScorer.Sinks;

namespace StreamScorer.Tests.Simulation;

/// <summary>A row of hot_leads, as far as the protocol is concerned.</summary>
internal sealed record HotLeadRow(TopicPartition Partition, long Offset, long TimestampMicros, double Probability, string ModelId, bool Hot);

/// <summary>A lead of a folded batch, copied: a request that is under way must not see the batch's next use.</summary>
internal sealed record HotLeadEntry(string LeadId, HotLeadRow Row, bool WasHot)
{
    public static List<HotLeadEntry> CopyOf(HotLeadBatch batch)
    {
        var entries = new List<HotLeadEntry>();
        foreach (var entry in batch.OrderedByLeadId())
        {
            ref readonly var scored = ref batch.Scored(entry);
            entries.Add(new HotLeadEntry(
                Encoding.UTF8.GetString(batch.LeadId(entry)),
                new HotLeadRow(
                    batch.Partitions[batch.SlotOf(entry)], scored.Offset, scored.KafkaTimestampMicros, scored.Probability, batch.ModelId, scored.Hot),
                batch.HotEventIndex(entry) >= 0));
        }

        return entries;
    }
}

// The table hot_leads, and what a crash of the database takes from it.
internal sealed partial class SimulatedDatabase
{
    private readonly Dictionary<string, HotLeadRow> _hotLeads = [];

    // What each transaction that did not wait for the disk has overwritten, oldest first.
    private readonly List<List<(string LeadId, HotLeadRow? Before)>> _unflushed = [];

    public IReadOnlyDictionary<string, HotLeadRow> HotLeads => _hotLeads;

    public HotLeadWriteResult WriteHotLeads(IReadOnlyList<HotLeadEntry> entries, IReadOnlyList<PartitionEpoch> epochs)
    {
        var refused = epochs.Where(epoch => !MayWrite(epoch)).Select(epoch => new TopicPartition(epoch.Topic, epoch.Partition)).ToList();
        if (refused.Count > 0)
            return new HotLeadWriteResult(refused, 0);
        if (entries.Any(entry => entry.LeadId.Contains(SimulatedEvents.RefusedMark, StringComparison.Ordinal)))
            throw new PostgresException("invalid byte sequence for encoding", "ERROR", "ERROR", "22021");

        var before = new List<(string, HotLeadRow?)>();
        foreach (var entry in entries)
        {
            var known = _hotLeads.GetValueOrDefault(entry.LeadId);
            if (known is null ? !entry.WasHot : !Replaces(entry.Row, known))
                continue;
            before.Add((entry.LeadId, known));
            _hotLeads[entry.LeadId] = entry.Row;
        }

        _unflushed.Add(before);
        return new HotLeadWriteResult([], before.Count);
    }

    public List<(int Partition, string LeadId)> LeadsOf(IReadOnlyList<int> partitions) =>
    [
        .. _hotLeads.Where(row => partitions.Contains(row.Value.Partition.Partition.Value))
            .Select(row => (row.Value.Partition.Partition.Value, row.Key)),
    ];

    /// <summary>
    /// The server dies and recovers: of the transactions that did not wait for the disk, those after some point of the
    /// log are gone. Everything that waited stays, and everything before it.
    /// </summary>
    /// <returns>Transactions lost.</returns>
    public int Crash(Random random)
    {
        var kept = random.Next(_unflushed.Count + 1);
        var lost = _unflushed.Count - kept;
        for (var i = _unflushed.Count - 1; i >= kept; i--)
        {
            foreach (var (leadId, before) in Enumerable.Reverse(_unflushed[i]))
            {
                if (before is null)
                    _hotLeads.Remove(leadId);
                else
                    _hotLeads[leadId] = before;
            }
        }

        _unflushed.Clear();
        _witnesses.Clear();
        return lost;
    }

    private void FlushLog() => _unflushed.Clear();

    private bool MayWrite(PartitionEpoch epoch) =>
        _progress.TryGetValue(new TopicPartition(epoch.Topic, epoch.Partition), out var row)
        && (row.OwnerEpoch == epoch.OwnerEpoch || mutation == Mutation.NoEpochInHotLeadWrite);

    private bool Replaces(HotLeadRow row, HotLeadRow known)
    {
        if (row.Partition == known.Partition)
            return mutation == Mutation.GuardIsGreaterOnly ? row.Offset > known.Offset : row.Offset >= known.Offset;
        return HotLeadOrder.IsNewerAcrossPartitions(row.TimestampMicros, row.Partition, known.TimestampMicros, known.Partition);
    }
}
