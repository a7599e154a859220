namespace StreamScorer.Telemetry;

/// <summary>
/// When the loop last moved. A loop that waits for a dependency does not move and is not stuck: <see cref="Readiness"/>
/// knows of that. Written by the loop, read by health endpoints.
/// </summary>
public sealed class LoopPulse(TimeProvider clock)
{
    private long _beat;

    /// <summary>Whether the loop has run at all: the worker's start is over.</summary>
    public bool HasStarted => Interlocked.Read(ref _beat) != 0;

    /// <summary>Time since the loop last came round; zero before it first did.</summary>
    public TimeSpan Age => Interlocked.Read(ref _beat) is var beat && beat == 0 ? TimeSpan.Zero : clock.GetElapsedTime(beat);

    /// <summary>The loop comes round.</summary>
    public void Beat() => Interlocked.Exchange(ref _beat, clock.GetTimestamp());
}
