namespace StreamScorer.App.Soak;

/// <summary>What the supervisor can do to the workers and to what they depend on.</summary>
internal enum SoakFault
{
    /// <summary>kill -9 of a worker, which is started again.</summary>
    KillWorker,

    /// <summary>SIGTERM to a worker, which is started again.</summary>
    StopWorker,

    /// <summary>SIGSTOP to a worker for longer than its session lasts, then SIGCONT.</summary>
    FreezeWorker,

    /// <summary>Another model takes the place of the current one.</summary>
    SwapModel,

    /// <summary>kill -9 of the broker.</summary>
    KillBroker,

    /// <summary>The broker is stopped in order.</summary>
    StopBroker,

    /// <summary>kill -9 of PostgreSQL and its sessions.</summary>
    KillPostgres,

    /// <summary>PostgreSQL is stopped in order.</summary>
    StopPostgres,

    /// <summary>All connections to the broker are reset.</summary>
    CutBroker,

    /// <summary>Nothing arrives at the broker or from it, connections stay open.</summary>
    HoldBroker,

    /// <summary>All connections to PostgreSQL are reset.</summary>
    CutPostgres,

    /// <summary>Nothing arrives at PostgreSQL or from it, connections stay open.</summary>
    HoldPostgres,

    /// <summary>The connection is reset in the COMMIT of a registration, which is lost, done, or done later.</summary>
    CutCommit,

    /// <summary>The disk of the checkpoints has not one byte left.</summary>
    FillDisk,
}

/// <summary>
/// Draws faults: one after another in a lane, with pauses between them. Two lanes run side by side, workers and services, so
/// that a worker also dies while its database is away.
/// </summary>
internal sealed class FaultSchedule(int seed, params SoakFault[] faults)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);

    private readonly Random _random = new(seed);
    private readonly Queue<SoakFault> _deck = new();

    /// <summary>The lane of the workers.</summary>
    public static FaultSchedule Workers(int seed) =>
        new(seed, SoakFault.KillWorker, SoakFault.KillWorker, SoakFault.StopWorker, SoakFault.FreezeWorker, SoakFault.SwapModel);

    /// <summary>The lane of the services.</summary>
    public static FaultSchedule Services(int seed, bool withDisk)
    {
        SoakFault[] always =
        [
            SoakFault.KillBroker, SoakFault.StopBroker, SoakFault.KillPostgres, SoakFault.StopPostgres, SoakFault.CutBroker, SoakFault.HoldBroker,
            SoakFault.CutPostgres, SoakFault.HoldPostgres, SoakFault.CutCommit, SoakFault.CutCommit, SoakFault.CutCommit,
        ];
        return new FaultSchedule(unchecked(seed * 31 + 1), withDisk ? [.. always, SoakFault.FillDisk] : always);
    }

    /// <summary>The next fault: every one of the lane comes once, in random order, before any comes again.</summary>
    public SoakFault Next()
    {
        if (_deck.Count == 0)
        {
            var shuffled = faults.ToArray();
            _random.Shuffle(shuffled);
            foreach (var fault in shuffled)
                _deck.Enqueue(fault);
        }

        return _deck.Dequeue();
    }

    /// <summary>How long to wait before the next fault.</summary>
    public TimeSpan Pause() => Between(ShortestPause, LongestPause);

    /// <summary>How long a fault lasts.</summary>
    public TimeSpan Hold() => Between(TimeSpan.Zero, LongestHold);

    /// <summary>A time in between.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * _random.NextDouble());

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Pick(int count) => _random.Next(count);
}
