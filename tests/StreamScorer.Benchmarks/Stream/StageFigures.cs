namespace StreamScorer.Benchmarks.Stream;

/// <summary>What one stage cost.</summary>
internal sealed record StageFigures
{
    /// <summary>The stage: everything up to it is included.</summary>
    public required string Stage { get; init; }

    /// <summary>Events worked off.</summary>
    public required long Events { get; init; }

    /// <summary>From the first event to the last one.</summary>
    public required double Seconds { get; init; }

    /// <summary>CPU of the process that ran the stage, microseconds an event.</summary>
    public required double ProcessMicros { get; init; }

    /// <summary>What of it the start of a worker took, until it held its partitions; 0 for a stage in this process.</summary>
    public double StartMicros { get; init; }

    /// <summary>CPU of the broker, microseconds an event.</summary>
    public required double BrokerMicros { get; init; }

    /// <summary>CPU of the database server, microseconds an event.</summary>
    public required double PostgresMicros { get; init; }

    /// <summary>Managed bytes allocated an event.</summary>
    public required double AllocatedBytes { get; init; }

    /// <summary>Sum of the collector's pauses.</summary>
    public required double PauseMilliseconds { get; init; }

    /// <summary>Collections of generation 0 (and with them of the others).</summary>
    public required int Collections { get; init; }

    /// <summary>Most memory held, bytes.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Throughput.</summary>
    public double EventsPerSecond => Events / Seconds;

    /// <summary>CPU of all three processes, microseconds an event.</summary>
    public double TotalMicros => ProcessMicros + BrokerMicros + PostgresMicros;
}

/// <summary>A reading of everything that <see cref="StageFigures"/> is the difference of, for a stage in this process.</summary>
internal sealed class StageMeter(BenchServices services)
{
    private readonly long _started = System.Diagnostics.Stopwatch.GetTimestamp();
    private readonly TimeSpan _process = ProcessTimes.Of(Environment.ProcessId);
    private readonly TimeSpan _broker = services.BrokerCpu;
    private readonly TimeSpan _postgres = services.PostgresCpu;
    private readonly long _allocated = GC.GetTotalAllocatedBytes();
    private readonly TimeSpan _paused = GC.GetTotalPauseDuration();
    private readonly int _collections = GC.CollectionCount(0);

    /// <summary>The cost since the meter was made.</summary>
    public StageFigures Read(string stage, long events) => new()
    {
        Stage = stage,
        Events = events,
        Seconds = System.Diagnostics.Stopwatch.GetElapsedTime(_started).TotalSeconds,
        ProcessMicros = (ProcessTimes.Of(Environment.ProcessId) - _process).TotalMicroseconds / events,
        BrokerMicros = (services.BrokerCpu - _broker).TotalMicroseconds / events,
        PostgresMicros = (services.PostgresCpu - _postgres).TotalMicroseconds / events,
        AllocatedBytes = (double)(GC.GetTotalAllocatedBytes() - _allocated) / events,
        PauseMilliseconds = (GC.GetTotalPauseDuration() - _paused).TotalMilliseconds,
        Collections = GC.CollectionCount(0) - _collections,
        PeakBytes = ProcessTimes.PeakResidentBytes("self"),
    };
}
