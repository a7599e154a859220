using System.Threading.Channels;
using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>
/// Where micro-batches come from. Everything a source has to say comes through <see cref="Events"/>, in order; the
/// loop answers through the methods, from its own thread.
/// </summary>
public interface IMicroBatchSource : IAsyncDisposable
{
    /// <summary>Records and changes of what is held, in the order they happened. Completes after <see cref="StopAsync"/>.</summary>
    ChannelReader<SourceEvent> Events { get; }

    /// <summary>Joins the group and begins.</summary>
    void Start();

    /// <summary>Begins, or begins again, to deliver these taken leases from their next offset.</summary>
    void Position(PartitionLease lease);

    /// <summary>
    /// After a refusal: stops delivering the lease's partition, and proves by a completed poll and a commit that the
    /// group accepts whether this worker still holds it. Answers with <see cref="MembershipProved"/>, or with nothing
    /// where the partition is gone (the revoke or loss is told as always).
    /// </summary>
    void ProveMembership(PartitionLease refused);

    /// <summary>Tells the group; returns null when accepted, else the reason in words. Never throws for a refusal.</summary>
    Task<string?> CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets);

    /// <summary>What the group has committed for these partitions; -1 where it has nothing.</summary>
    /// <exception cref="KafkaException">The group coordinator did not answer.</exception>
    Task<IReadOnlyDictionary<TopicPartition, long>> GroupOffsetsAsync(IReadOnlyList<PartitionLease> leases);

    /// <summary>Oldest and end offset of a partition, asked from the broker.</summary>
    /// <exception cref="KafkaException">The partition leader did not answer.</exception>
    Task<WatermarkOffsets> WatermarksAsync(TopicPartition partition);

    /// <summary>Records between the lease's next offset and the end of its partition as last heard from the broker; -1 unknown.</summary>
    long Lag(PartitionLease lease);

    /// <summary>Takes a batch back for reuse.</summary>
    void Return(MicroBatch batch);

    /// <summary>
    /// Stops fetching, tells the loop to drain (<see cref="PartitionsRevoked"/> for everything held), waits for it
    /// inside the drain budget, leaves the group, and completes <see cref="Events"/>.
    /// </summary>
    Task StopAsync();
}
