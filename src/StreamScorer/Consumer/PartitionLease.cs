using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>
/// One holding of a partition by this worker: from a take (PROTOCOL step 1) to a revoke, a loss or a refusal. Taking
/// the partition again makes a new lease, so that records fetched under an old one are told apart by reference.
/// </summary>
public sealed class PartitionLease(TopicPartition partition)
{
    private volatile bool _released;
    private bool _mustGoBack;

    /// <summary>The partition held.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>The epoch that the take raised the partition to; every write carries it.</summary>
    public long OwnerEpoch { get; private set; } = -1;

    /// <summary>Progress under this lease; null until the partition is taken.</summary>
    public PartitionOffsets? Offsets { get; private set; }

    /// <summary>The offset that the client hands out next under this lease. The consumer's thread's alone, as what changes it.</summary>
    public long NextFetched { get; private set; }

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

    /// <summary>The client goes on at this offset.</summary>
    public void StartAt(long offset) => (NextFetched, _mustGoBack) = (offset, false);

    /// <summary>
    /// Takes note of a record that the client hands out. Topics have gaps (compaction, aborted transactions), so an offset
    /// above the next one is an ordinary record, but only where nothing can stand between: of records taken together around
    /// a change of what is held, some may be of the place that was left, and a jump over records would lose them.
    /// </summary>
    /// <param name="offset">The record's offset.</param>
    /// <param name="inOrder">Whether the client has read on without a change since the record before.</param>
    /// <returns>What the record is; <see cref="Arrival.OutOfOrder"/> once, until <see cref="StartAt"/>.</returns>
    public Arrival Receive(long offset, bool inOrder)
    {
        if (offset < NextFetched)
            return Arrival.Known;
        if (offset > NextFetched && (_mustGoBack || !inOrder))
        {
            var told = _mustGoBack;
            _mustGoBack = true;
            return told ? Arrival.Known : Arrival.OutOfOrder;
        }

        NextFetched = offset + 1;
        return Arrival.Next;
    }

    /// <summary>Ends the lease.</summary>
    public void Release() => _released = true;

    /// <inheritdoc/>
    public override string ToString() => $"{Partition.Topic}[{Partition.Partition.Value}]";
}

/// <summary>What a fetched record is to its lease.</summary>
public enum Arrival
{
    /// <summary>The next one: it is scored.</summary>
    Next,

    /// <summary>Handed out before, or to be handed out again: passed over.</summary>
    Known,

    /// <summary>Records before it may have been left out: passed over, and the client must read again from <see cref="PartitionLease.NextFetched"/>.</summary>
    OutOfOrder,
}
