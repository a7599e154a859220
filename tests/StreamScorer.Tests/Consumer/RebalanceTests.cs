using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Consumer;
using Xunit;

namespace StreamScorer.Tests.Consumer;

/// <summary>What the group hands out while the worker leaves it.</summary>
public class RebalanceTests
{
    // Mutation: an assignment counts while leaving. Its loop then asks a closed client, and an ordinary stop ends with exit code 1.
    [Fact]
    public void PartitionsHandedOutWhileLeavingAreNotTaken()
    {
        var events = Channel.CreateUnbounded<SourceEvent>();
        var rebalance = new Rebalance(new KafkaOptions { DrainBudget = TimeSpan.Zero }, events.Writer, NullLogger.Instance);
        Assert.Single(rebalance.Assigned([new TopicPartition("events", 0)]));
        Assert.True(events.Reader.TryRead(out _));

        rebalance.IsLeaving = true;
        // The client throws where the answer leaves a partition out.
        Assert.Equal([new TopicPartitionOffset("events", 1, Offset.End)], rebalance.Assigned([new TopicPartition("events", 1)]));
        Assert.False(events.Reader.TryRead(out _));
        Assert.Equal([0], rebalance.Leases.Select(lease => lease.Partition.Partition.Value));
        Assert.Null(rebalance.Deliverable(1));
    }
}
