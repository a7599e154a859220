using Confluent.Kafka;

namespace StreamScorer.Sinks;

/// <summary>
/// Gives each partition a small number, in order of first use, so that a row holds four bytes instead of a topic name.
/// A worker has tens of partitions: a linear search that first looks at the last hit costs less than hashing a string.
/// </summary>
internal sealed class PartitionSlots
{
    private readonly List<TopicPartition> _partitions = [];
    private int _last;

    /// <summary>Number of slots in use; slots are 0 to Count - 1.</summary>
    public int Count => _partitions.Count;

    /// <summary>The partition of a slot.</summary>
    public TopicPartition this[int slot] => _partitions[slot];

    /// <summary>The slot of a partition, a new one where it has none yet.</summary>
    public int Of(string topic, int partition)
    {
        int slot = Find(topic, partition);
        if (slot < 0)
        {
            slot = _partitions.Count;
            _partitions.Add(new TopicPartition(topic, partition));
        }

        return _last = slot;
    }

    /// <summary>The slot of a partition, -1 where it has none.</summary>
    public int Find(string topic, int partition)
    {
        if (_last < _partitions.Count && Matches(_partitions[_last], topic, partition))
            return _last;
        for (int slot = 0; slot < _partitions.Count; slot++)
        {
            if (Matches(_partitions[slot], topic, partition))
                return slot;
        }

        return -1;
    }

    /// <summary>Fills <paramref name="order"/> (Count long) with the slots in (topic, partition) order.</summary>
    public void SortInto(Span<int> order)
    {
        for (int slot = 0; slot < order.Length; slot++)
            order[slot] = slot;
        order.Sort((a, b) => PartitionOrder.Compare(_partitions[a], _partitions[b]));
    }

    /// <summary>Forgets every partition.</summary>
    public void Clear()
    {
        _partitions.Clear();
        _last = 0;
    }

    private static bool Matches(TopicPartition known, string topic, int partition) =>
        known.Partition.Value == partition && string.Equals(known.Topic, topic, StringComparison.Ordinal);
}
