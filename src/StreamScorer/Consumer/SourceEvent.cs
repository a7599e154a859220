using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>What a source tells the loop, in the order it happened: records, and changes of what is held.</summary>
public abstract class SourceEvent;

/// <summary>Partitions came to this worker. The loop takes them and says where each begins.</summary>
public sealed class PartitionsAssigned(IReadOnlyList<PartitionLease> leases) : SourceEvent
{
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _settled;

    /// <summary>One new lease per partition.</summary>
    public IReadOnlyList<PartitionLease> Leases { get; } = leases;

    /// <summary>
    /// The loop took the leases. True: the source was still waiting and starts consuming at their offsets by itself.
    /// False: the source went on without (the take was slow), and the loop must ask it to position them.
    /// </summary>
    public bool TryComplete()
    {
        if (Interlocked.CompareExchange(ref _settled, 1, 0) != 0)
            return false;
        _taken.SetResult();
        return true;
    }

    /// <summary>Whether the loop has taken the leases.</summary>
    public bool IsTaken => _taken.Task.IsCompleted;

    /// <summary>The source waits for the take at most <paramref name="budget"/>. True: taken.</summary>
    public bool Wait(TimeSpan budget) => _taken.Task.Wait(budget) || Interlocked.CompareExchange(ref _settled, 2, 0) != 0;
}

/// <summary>
/// Partitions go back to the group. The loop finishes, registers, publishes and commits, then completes the event; the
/// source waits for that inside the drain budget and lets go either way.
/// </summary>
public sealed class PartitionsRevoked(IReadOnlyList<PartitionLease> leases) : SourceEvent
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The leases that end.</summary>
    public IReadOnlyList<PartitionLease> Leases { get; } = leases;

    /// <summary>Completed by the loop when everything of these leases is committed.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Says that everything of these leases is committed, or that there was nothing.</summary>
    public void Complete() => _drained.TrySetResult();
}

/// <summary>Partitions were lost: another worker may hold them already. Their rows are dropped, nothing is committed.</summary>
public sealed class PartitionsLost(IReadOnlyList<PartitionLease> leases) : SourceEvent
{
    /// <summary>The leases that ended; released already.</summary>
    public IReadOnlyList<PartitionLease> Leases { get; } = leases;
}

/// <summary>After a refusal: the group confirmed that this worker still holds the partition, which may be taken again.</summary>
public sealed class MembershipProved(PartitionLease lease) : SourceEvent
{
    /// <summary>The new lease, not yet taken.</summary>
    public PartitionLease Lease { get; } = lease;
}

/// <summary>The next offset of a lease is not on the topic; policy decides.</summary>
public sealed class OffsetOutOfRange(PartitionLease lease, WatermarkOffsets watermarks) : SourceEvent
{
    /// <summary>The lease that cannot go on.</summary>
    public PartitionLease Lease { get; } = lease;

    /// <summary>Oldest and end offset of the partition.</summary>
    public WatermarkOffsets Watermarks { get; } = watermarks;
}

/// <summary>The source cannot go on (fenced by a second worker of the same instance id, authentication refused …).</summary>
public sealed class SourceFailed(Exception reason) : SourceEvent
{
    /// <summary>Why.</summary>
    public Exception Reason { get; } = reason;
}
