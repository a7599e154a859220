using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>
/// One holding of a partition by this worker: from a take (PROTOCOL step 1) to a revoke, a loss or a refusal. Taking
/// the partition again makes a new lease, so that records fetched under an old one are told apart by reference.
/// </summary>
public sealed class PartitionLease(TopicPartition partition)
{
    private volatile bool _released;

    /// <summary>The partition held.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>The epoch that the take raised the partition to; every write carries it.</summary>
    public long OwnerEpoch { get; private set; } = -1;

    /// <summary>Progress under this lease; null until the partition is taken.</summary>
    public PartitionOffsets? Offsets { get; private set; }

    /// <summary>Rows of this lease that wait in the open checkpoint.</summary>
    public long OpenRows { get; set; }

    /// <summary>
    /// True once the partition is given back, lost or refused: nothing more is scored, written or committed for it.
    /// Set from the consumer's thread as well as the loop's; never reset.
    /// </summary>
    public bool Released => _released;

    /// <summary>The ledger granted the partition: <paramref name="nextOffset"/> is where consumption starts.</summary>
    /// <exception cref="InvalidOperationException">The lease was taken before.</exception>
    public void Take(long ownerEpoch, long nextOffset)
    {
        if (Offsets is not null)
            throw new InvalidOperationException($"{Partition} was taken before under this lease.");
        OwnerEpoch = ownerEpoch;
        Offsets = new PartitionOffsets(nextOffset);
    }

    /// <summary>Ends the lease.</summary>
    public void Release() => _released = true;

    /// <inheritdoc/>
    public override string ToString() => $"{Partition.Topic}[{Partition.Partition.Value}]";
}
