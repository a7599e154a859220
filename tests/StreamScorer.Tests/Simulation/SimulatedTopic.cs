using System.Text;
using Confluent.Kafka;

namespace StreamScorer.Tests.Simulation;

/// <summary>A record of the simulated topic, with what it really is.</summary>
internal sealed record SimulatedRecord(long Offset, byte[]? Key, byte[]? Value, long TimestampMicros, RecordTruth Truth, string LeadId, int Kind);

/// <summary>One partition's log: offsets rise, with holes where compaction or transactions left them.</summary>
internal sealed class SimulatedLog
{
    public List<SimulatedRecord> Records { get; } = [];

    /// <summary>First offset that retention has kept.</summary>
    public long Low { get; set; }

    /// <summary>Offset that the next record gets.</summary>
    public long End { get; private set; }

    /// <summary>A record of any truth, now and then behind a hole.</summary>
    public void Append(Random random, int partition, long timestampMicros)
    {
        if (random.Next(12) == 0)
            End += random.Next(1, 4);
        var chance = random.Next(40);
        Append(random, partition, timestampMicros, chance switch
        {
            0 or 1 => RecordTruth.Tombstone,
            2 or 3 => RecordTruth.Bad,
            4 => RecordTruth.RefusedByDatabase,
            5 => RecordTruth.Poison,
            _ => RecordTruth.Event,
        });
    }

    /// <summary>A record of this truth about one of a few leads.</summary>
    public void Append(Random random, int partition, long timestampMicros, RecordTruth truth)
    {
        var lead = $"p{partition}-{(truth == RecordTruth.RefusedByDatabase ? SimulatedEvents.RefusedMark : "lead")}-{random.Next(6)}";
        var kind = truth == RecordTruth.RefusedByDatabase ? SimulatedEvents.AlwaysHot : random.Next(SimulatedEvents.Kinds);
        byte[]? value = truth switch
        {
            RecordTruth.Tombstone => null,
            RecordTruth.Bad => "{not json"u8.ToArray(),
            RecordTruth.Poison => SimulatedEvents.Poison(lead),
            _ => SimulatedEvents.Value(kind, lead),
        };
        Records.Add(new SimulatedRecord(End++, Encoding.UTF8.GetBytes(lead), value, timestampMicros, truth, lead, kind));
    }

    /// <summary>Index of the first record at or above an offset.</summary>
    public int IndexOf(long offset)
    {
        var (low, high) = (0, Records.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Records[middle].Offset < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>The topic of events, and the dead-letter topic beside it.</summary>
internal sealed class SimulatedTopic(int partitions)
{
    public const string Name = "user-events";

    public IReadOnlyList<SimulatedLog> Logs { get; } = [.. Enumerable.Range(0, partitions).Select(_ => new SimulatedLog())];

    /// <summary>Positions that have a dead letter.</summary>
    public HashSet<(int Partition, long Offset)> DeadLetters { get; } = [];

    public static TopicPartition Partition(int number) => new(Name, number);
}
