using Confluent.Kafka;
using StreamScorer.Consumer;
using Xunit;

namespace StreamScorer.Tests.Consumer;

/// <summary>Which of the records that a client hands out a lease scores.</summary>
public class PartitionLeaseTests
{
    private readonly PartitionLease _lease = new(new TopicPartition("events", 0));

    public PartitionLeaseTests() => _lease.StartAt(100);

    [Fact]
    public void RecordsComeOnceEach()
    {
        Assert.Equal(Arrival.Next, _lease.Receive(100, inOrder: true));
        Assert.Equal(Arrival.Known, _lease.Receive(100, inOrder: true));
        Assert.Equal(Arrival.Known, _lease.Receive(99, inOrder: true));
        Assert.Equal(Arrival.Next, _lease.Receive(101, inOrder: true));
        Assert.Equal(102, _lease.NextFetched);
    }

    [Fact]
    public void AGapOfTheTopicIsPassed()
    {
        Assert.Equal(Arrival.Next, _lease.Receive(107, inOrder: true));
        Assert.Equal(108, _lease.NextFetched);
    }

    // Mutation: a jump counts as a gap although the client went elsewhere in between. The records jumped over would be lost.
    [Fact]
    public void AJumpAroundAChangeOfPlaceIsReadAgain()
    {
        Assert.Equal(Arrival.OutOfOrder, _lease.Receive(105, inOrder: false));
        Assert.Equal(100, _lease.NextFetched);
    }

    // Mutation: every one of them asks for the client to go back, or the ones behind the first count as gaps.
    [Fact]
    public void BehindAJumpOnlyTheNextRecordCountsUntilTheClientHasGoneBack()
    {
        Assert.Equal(Arrival.OutOfOrder, _lease.Receive(105, inOrder: false));
        Assert.Equal(Arrival.Known, _lease.Receive(106, inOrder: false));
        Assert.Equal(Arrival.Known, _lease.Receive(107, inOrder: true));
        Assert.Equal(Arrival.Next, _lease.Receive(100, inOrder: true));
        Assert.Equal(Arrival.Known, _lease.Receive(105, inOrder: true));
        _lease.StartAt(_lease.NextFetched);
        Assert.Equal(Arrival.Next, _lease.Receive(105, inOrder: true));
        Assert.Equal(106, _lease.NextFetched);
    }

    // Mutation: whatever stands around a change is thrown away, also where it goes on exactly where the lease stands.
    [Fact]
    public void TheNextRecordIsTheNextWhateverHasChanged()
    {
        Assert.Equal(Arrival.Next, _lease.Receive(100, inOrder: false));
        Assert.Equal(Arrival.Next, _lease.Receive(101, inOrder: false));
    }
}
