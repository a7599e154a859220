using System.Collections.Concurrent;
using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>
/// The end of a group's client. Before 2.3, librdkafka aborts the whole process where a client of a cooperative group is destroyed
/// that has joined and was never assigned anything (https://github.com/confluentinc/librdkafka/issues/4312): a worker that is told
/// to stop while its group settles would end with SIGABRT. Such a client leaves its group and stays until the process ends.
/// </summary>
internal static class GroupDeparture
{
    private const int FirstVersionThatDestroysUnassigned = 0x02_03_00_00;

    // What is reachable is not finalized, and it is the finalizer that would destroy it.
    private static readonly ConcurrentBag<IDisposable> Kept = [];

    /// <summary>Leaves the group, and destroys the client unless that would end the process.</summary>
    /// <param name="consumer">A client that has subscribed.</param>
    /// <param name="wasAssigned">Whether its group has ever answered it with an assignment, be it an empty one.</param>
    /// <exception cref="KafkaException">The client had met a fatal error, and repeats it.</exception>
    public static void Close<TKey, TValue>(IConsumer<TKey, TValue> consumer, bool wasAssigned)
    {
        if (!wasAssigned && Library.Version < FirstVersionThatDestroysUnassigned)
        {
            Kept.Add(consumer);
            consumer.Unsubscribe();
            return;
        }

        try
        {
            consumer.Close();
        }
        finally
        {
            consumer.Dispose();
        }
    }
}
