namespace StreamScorer.Telemetry;

/// <summary>What the loop last told of itself. Written by the loop, read by exporters and alerts.</summary>
public sealed class StreamStatus
{
    private long _lag;
    private long _oldestOpen;
    private IReadOnlyList<(string Topic, int Partition, long Lag)> _partitionLags = [];

    /// <summary>Records that this worker's partitions hold beyond what it has consumed.</summary>
    public long Lag
    {
        get => Interlocked.Read(ref _lag);
        set => Interlocked.Exchange(ref _lag, value);
    }

    /// <summary>The same by partition.</summary>
    public IReadOnlyList<(string Topic, int Partition, long Lag)> PartitionLags
    {
        get => Volatile.Read(ref _partitionLags);
        set => Volatile.Write(ref _partitionLags, value);
    }

    /// <summary>Timestamp of the clock at the first record that no published checkpoint holds; 0 where there is none.</summary>
    public long OldestOpen
    {
        get => Interlocked.Read(ref _oldestOpen);
        set => Interlocked.Exchange(ref _oldestOpen, value);
    }

    /// <summary>How long the oldest record waits for its checkpoint.</summary>
    public TimeSpan OpenAge(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var oldest = OldestOpen;
        return oldest == 0 ? TimeSpan.Zero : clock.GetElapsedTime(oldest);
    }
}
