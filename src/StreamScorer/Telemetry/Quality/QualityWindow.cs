namespace StreamScorer.Telemetry.Quality;

/// <summary>The spans over which data quality is judged.</summary>
public enum QualityWindow
{
    /// <summary>The last hour, in steps of five minutes.</summary>
    Hour,

    /// <summary>The last day, in steps of one hour.</summary>
    Day,
}

/// <summary>
/// The counters as they stood at the last window's steps: a ring of copies. The oldest copy subtracted from the counters
/// of now leaves what the window has seen, its length and at most one step more.
/// </summary>
/// <remarks>
/// It moves with the flow of events: steps are taken when a batch arrives, so that figures stay while nothing flows, and
/// a window that begins after a silence longer than itself begins empty.
/// </remarks>
internal sealed class CounterRing
{
    private readonly long[][] _copies;
    private readonly TimeSpan _step;
    private long _stepBegan;
    private int _oldest;

    public CounterRing(TimeSpan step, int steps, int length, long now)
    {
        _step = step;
        _copies = new long[steps + 1][];
        for (var i = 0; i < _copies.Length; i++)
            _copies[i] = new long[length];
        _stepBegan = now;
    }

    /// <summary>The counters as they stood when the window began.</summary>
    public ReadOnlySpan<long> Start => _copies[_oldest];

    /// <summary>Takes the steps that are due before a batch is counted.</summary>
    public void Advance(ReadOnlySpan<long> counters, TimeProvider clock, long now)
    {
        var elapsed = clock.GetElapsedTime(_stepBegan, now);
        if (elapsed < _step)
            return;
        var steps = (long)(elapsed / _step);
        for (var i = 0; i < Math.Min(steps, _copies.Length); i++)
        {
            counters.CopyTo(_copies[_oldest]);
            _oldest = (_oldest + 1) % _copies.Length;
        }

        _stepBegan += (long)(steps * _step.TotalSeconds * clock.TimestampFrequency);
    }
}
