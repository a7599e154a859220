using Confluent.Kafka;

namespace StreamScorer.Sinks;

/// <summary>
/// Which of two decisions about a lead is the newer one. Within a partition (and incarnation) the offset says it. A lead
/// that is found in two partitions has moved, because the topic was given more of them; then the broker's timestamp says
/// it. The upsert in <see cref="HotLeadSink"/> holds the same rules as SQL.
/// </summary>
public static class HotLeadOrder
{
    /// <summary>
    /// Whether a decision replaces one from another partition. No timestamp counts as older than any. Equal ones are
    /// decided by (topic, partition): a rule as good as any other that gives one answer, whichever arrives first.
    /// </summary>
    /// <param name="timestampMicros">Broker timestamp of the decision at hand, <see cref="ScoredEvent.NoTime"/> if none.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="knownTimestampMicros">That of the known decision, <see cref="ScoredEvent.NoTime"/> if none.</param>
    /// <param name="knownPartition">Its partition, another one.</param>
    public static bool IsNewerAcrossPartitions(
        long timestampMicros, TopicPartition partition, long knownTimestampMicros, TopicPartition knownPartition)
    {
        if (timestampMicros != knownTimestampMicros)
            return timestampMicros > knownTimestampMicros;
        return PartitionOrder.Compare(partition, knownPartition) > 0;
    }
}
