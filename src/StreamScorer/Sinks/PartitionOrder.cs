using Confluent.Kafka;

namespace StreamScorer.Sinks;

/// <summary>
/// The one order in which partitions are locked, listed and written: topic by its bytes (the database column has
/// collation "C"), then partition number. Locks taken in one order cannot deadlock.
/// </summary>
internal static class PartitionOrder
{
    /// <summary>Below, equal or above 0 as the first stands before, at or behind the second.</summary>
    public static int Compare(TopicPartition a, TopicPartition b) =>
        Compare(a.Topic, a.Partition.Value, b.Topic, b.Partition.Value);

    /// <summary>Below, equal or above 0 as the first stands before, at or behind the second.</summary>
    public static int Compare(string topicA, int partitionA, string topicB, int partitionB)
    {
        // Kafka topic names are ASCII, so ordinal order is byte order.
        int byTopic = string.CompareOrdinal(topicA, topicB);
        return byTopic != 0 ? byTopic : partitionA.CompareTo(partitionB);
    }
}
