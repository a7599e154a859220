namespace StreamScorer.Tests.Simulation;

/// <summary>What an attempt of a process on a dependency comes to.</summary>
internal enum CallFate
{
    /// <summary>Done and answered.</summary>
    Answered,

    /// <summary>Never arrived; the caller is told so.</summary>
    NotReached,

    /// <summary>Done, and the answer lost: the caller cannot know.</summary>
    AnswerLost,

    /// <summary>The caller is told of a broken connection, and afterwards it is done all the same.</summary>
    DoneLater,
}

/// <summary>
/// Which faults a run has, and how often: each seed switches some kinds off altogether, because a fault that is always
/// there hides what only happens without it.
/// </summary>
internal sealed class FaultPlan
{
    private readonly Random _random;

    private FaultPlan(Random random, int partitions, int workers)
    {
        _random = random;
        Partitions = partitions;
        Workers = workers;
        IsOn = false;
    }

    private FaultPlan(Random random)
    {
        _random = random;
        Partitions = random.Next(1, 5);
        Workers = random.Next(4) == 0 ? 1 : random.Next(2, 4);
        Cooperative = random.Next(2) == 0;
        DiskPerWorker = random.Next(5) == 0;
        NotReached = Rate(0.06);
        AnswerLost = Rate(0.05);
        DoneLater = Rate(0.04);
        Slow = Rate(0.05);
        Crash = Rate(0.004);
        Freeze = Rate(0.004);
        DiskError = Rate(0.02);
        Rewind = Rate(0.08);
        KillSeconds = Every(6, 20);
        FreezeSeconds = Every(5, 20);
        ShuffleSeconds = Every(3, 15);
        OutageSeconds = Every(8, 25);
        PowerLossSeconds = Every(10, 30);
        DatabaseCrashSeconds = Every(10, 30);
        ModelSwapSeconds = Every(2, 12);
        StopSeconds = Every(8, 25);
        RetentionSeconds = random.Next(8) == 0 ? 12 : 0;
    }

    /// <summary>The plan that a seed draws.</summary>
    public static FaultPlan Draw(Random random) => new(random);

    /// <summary>Nothing goes wrong by itself.</summary>
    public static FaultPlan Quiet(Random random, int partitions, int workers) => new(random, partitions, workers);

    public int Partitions { get; }

    public int Workers { get; }

    public bool Cooperative { get; }

    /// <summary>Each worker has an archive of its own, which outlives it.</summary>
    public bool DiskPerWorker { get; }

    /// <summary>True until the faults end; then everything must come to rest.</summary>
    public bool IsOn { get; private set; } = true;

    public double NotReached { get; }

    public double AnswerLost { get; }

    public double DoneLater { get; }

    public double Slow { get; }

    public double Crash { get; }

    public double Freeze { get; }

    public double DiskError { get; }

    public double Rewind { get; }

    // Mean seconds between faults that strike from outside; 0: never.
    public double KillSeconds { get; }

    public double FreezeSeconds { get; }

    public double ShuffleSeconds { get; }

    public double OutageSeconds { get; }

    public double PowerLossSeconds { get; }

    public double DatabaseCrashSeconds { get; }

    public double ModelSwapSeconds { get; }

    public double StopSeconds { get; }

    public double RetentionSeconds { get; }

    /// <summary>No fault any more.</summary>
    public void End() => IsOn = false;

    /// <summary>Whether a fault of this rate strikes now.</summary>
    public bool Strikes(double rate) => IsOn && rate > 0 && _random.NextDouble() < rate;

    /// <summary>What a call comes to.</summary>
    public CallFate Fate()
    {
        if (Strikes(NotReached))
            return CallFate.NotReached;
        if (Strikes(AnswerLost))
            return CallFate.AnswerLost;
        return Strikes(DoneLater) ? CallFate.DoneLater : CallFate.Answered;
    }

    private double Rate(double most) => _random.Next(2) == 0 ? 0 : most * _random.NextDouble();

    private double Every(double from, double to) => _random.Next(2) == 0 ? 0 : from + (_random.NextDouble() * (to - from));
}
