namespace StreamScorer.Consumer;

/// <summary>
/// The progress of one partition while this worker holds it: pure arithmetic, no I/O.
/// Every number is a <i>next</i> offset, the first one that is not yet done. They keep this order:
/// <c>Committed ≤ Published ≤ Staged ≤ Next</c>, and each only ever moves forward.
/// </summary>
public sealed class PartitionOffsets
{
    /// <summary>Begins where the ledger said: everything below is registered already.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="start"/> is negative.</exception>
    public PartitionOffsets(long start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Start = Next = Staged = Published = start;
    }

    /// <summary>The offset this lease began at.</summary>
    public long Start { get; }

    /// <summary>Everything below is scored, dead-lettered, a tombstone, or a gap in the topic.</summary>
    public long Next { get; private set; }

    /// <summary>Everything below stands in a checkpoint that was handed to registration.</summary>
    public long Staged { get; private set; }

    /// <summary>Everything below stands in published files; the group may be told.</summary>
    public long Published { get; private set; }

    /// <summary>What the group was told last; -1 before the first commit.</summary>
    public long Committed { get; private set; } = -1;

    /// <summary>Offsets that the topic skipped (compaction, aborted transactions, control records) under this lease.</summary>
    public long SkippedOffsets { get; private set; }

    /// <summary>Whether anything waits for a checkpoint.</summary>
    public bool HasOpenRange => Next > Staged;

    /// <summary>Whether the group lags behind what is published.</summary>
    public bool HasUncommitted => Published > Committed && Published > Start;

    /// <summary>
    /// Whether the record at <paramref name="offset"/> is new. A record below <see cref="Next"/> was fetched twice
    /// (after a seek, say) and must not be scored twice under one lease.
    /// </summary>
    public bool IsNew(long offset) => offset >= Next;

    /// <summary>The record at <paramref name="offset"/> is done, one way or the other.</summary>
    /// <exception cref="InvalidOperationException">The record was done before: the loop would count it twice.</exception>
    public void Advance(long offset)
    {
        if (offset < Next)
            throw new InvalidOperationException($"Offset {offset} was done before; next is {Next}.");
        SkippedOffsets += offset - Next;
        Next = offset + 1;
    }

    /// <summary>Hands the open range to a checkpoint and returns it: start inclusive, end exclusive.</summary>
    /// <exception cref="InvalidOperationException">There is no open range.</exception>
    public (long Start, long End) Stage()
    {
        if (!HasOpenRange)
            throw new InvalidOperationException("There is nothing to stage.");
        var range = (Staged, Next);
        Staged = Next;
        return range;
    }

    /// <summary>The checkpoint that ends at <paramref name="end"/> is published.</summary>
    /// <exception cref="InvalidOperationException">The end was never staged, or publication would move backwards.</exception>
    public void Publish(long end)
    {
        if (end < Published || end > Staged)
            throw new InvalidOperationException($"Cannot publish up to {end}: published {Published}, staged {Staged}.");
        Published = end;
    }

    /// <summary>The group accepted <paramref name="offset"/>.</summary>
    /// <exception cref="InvalidOperationException">The offset is ahead of what is published.</exception>
    public void Commit(long offset)
    {
        if (offset > Published)
            throw new InvalidOperationException($"Cannot commit {offset}: only {Published} is published.");
        Committed = Math.Max(Committed, offset);
    }
}
