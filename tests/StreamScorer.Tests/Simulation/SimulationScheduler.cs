using System.Globalization;

namespace StreamScorer.Tests.Simulation;

/// <summary>
/// Virtual time. Everything that happens is an event in one queue, run by one thread in order of time; all chance comes
/// from one seeded generator, so that a seed is a history. Continuations run inside the event that completes them.
/// </summary>
internal sealed class SimulationScheduler(int seed, bool keepTrace)
{
    private const int MostNestedRuns = 2;
    private const ulong FnvPrime = 1099511628211;

    private readonly PriorityQueue<Event, (long At, long Sequence)> _queue = new();
    private readonly List<string> _trace = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _sequence;
    private int _nested;

    /// <summary>All chance of the run.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>Virtual time in ticks of 100 ns since the start.</summary>
    public long Now { get; private set; }

    /// <summary>Digest of everything that happened so far.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>What happened, one line each; empty unless it is kept.</summary>
    public IReadOnlyList<string> Trace => _trace;

    /// <summary>The first broken promise; ends the run.</summary>
    public string? Violation { get; private set; }

    /// <summary>Runs something later, on behalf of a process (dropped if that is dead by then) or of nobody.</summary>
    public void Schedule(SimulatedProcess? owner, TimeSpan delay, Action run)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            Violate("Something left the simulation's thread: its order is not the seed's any more.");
        var at = Now + Math.Max(0, delay.Ticks);
        _queue.Enqueue(new Event(owner, run), (at, _sequence++));
    }

    /// <summary>Runs events up to a time, or to the first broken promise.</summary>
    public void RunUntil(long time)
    {
        while (Violation is null && _queue.TryPeek(out _, out var next) && next.At <= time)
            RunNext();
        Now = Math.Max(Now, time);
    }

    /// <summary>
    /// Lets the others run for a while in the middle of a synchronous step: the step's process must be frozen
    /// meanwhile. Does nothing when nested too deep.
    /// </summary>
    public void RunOthers(TimeSpan duration)
    {
        if (_nested >= MostNestedRuns)
            return;
        _nested++;
        RunUntil(Now + duration.Ticks);
        _nested--;
    }

    /// <summary>Notes what happened: into the digest, and in words where the trace is kept.</summary>
    public void Note(string who, string what, long a = 0, long b = 0, long c = 0)
    {
        Mix((ulong)Now);
        foreach (var letter in who)
            Mix(letter);
        foreach (var letter in what)
            Mix(letter);
        Mix((ulong)a);
        Mix((ulong)b);
        Mix((ulong)c);
        if (keepTrace)
            _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{Now / 1e7,11:0.0000} {who,-5} {what} {a} {b} {c}"));
    }

    /// <summary>Words for the trace alone.</summary>
    public void Tell(string who, string what)
    {
        if (keepTrace)
            _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{Now / 1e7,11:0.0000} {who,-5} {what}"));
    }

    /// <summary>A promise is broken; only the first one counts.</summary>
    public void Violate(string what)
    {
        if (Violation is not null)
            return;
        Violation = what;
        Note("!", what);
    }

    /// <summary>A duration between the two.</summary>
    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromTicks((long)((fromSeconds + (Random.NextDouble() * (toSeconds - fromSeconds))) * TimeSpan.TicksPerSecond));

    private void RunNext()
    {
        _queue.TryDequeue(out var next, out var place);
        if (next.Owner is { IsAlive: false })
            return;
        if (next.Owner is { } owner && owner.FrozenUntil > place.At)
        {
            // Keeps its place among the process's own events.
            _queue.Enqueue(next, (owner.FrozenUntil, place.Sequence));
            return;
        }

        Now = Math.Max(Now, place.At);
        next.Run();
    }

    private void Mix(ulong value) => TraceHash = (TraceHash ^ value) * FnvPrime;

    private readonly record struct Event(SimulatedProcess? Owner, Action Run);
}
