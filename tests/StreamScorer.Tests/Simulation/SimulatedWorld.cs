using StreamScorer.Forests;
using StreamScorer.Sinks;

namespace StreamScorer.Tests.Simulation;

/// <summary>What a run came to.</summary>
/// <param name="Violation">The promise it broke, null for none.</param>
/// <param name="TraceHash">Digest of everything that happened.</param>
/// <param name="Trace">What happened, where it was kept.</param>
internal sealed record SimulationResult(string? Violation, ulong TraceHash, IReadOnlyList<string> Trace);

/// <summary>
/// Workers, a topic, a group, a database and disks: faults for a while, then none, until everything is at rest. Then
/// the oracle has the last word.
/// </summary>
internal sealed class SimulatedWorld
{
    private static readonly TimeSpan MostTimeToRest = TimeSpan.FromMinutes(3);

    private readonly SimulatedWorker?[] _workers;
    private readonly int[] _lives;
    private readonly Guid[] _storageIds;
    private readonly SimulationOracle _oracle;
    private readonly long _faultsEnd;
    private bool _isEnding;

    private SimulatedWorld(SimulationScheduler scheduler, FaultPlan faults, Mutation mutation)
    {
        (Scheduler, Faults, Mutation) = (scheduler, faults, mutation);
        Topic = new SimulatedTopic(Faults.Partitions);
        Database = new SimulatedDatabase(mutation);
        Group = new SimulatedGroup(Scheduler, Faults);
        _workers = new SimulatedWorker?[Faults.Workers];
        _lives = new int[Faults.Workers];
        var disks = Faults.DiskPerWorker ? Faults.Workers : 1;
        Disks = [.. Enumerable.Range(0, disks).Select(_ => new SimulatedDisk())];
        _storageIds = [.. Enumerable.Range(0, disks).Select(_ => Guid.NewGuid())];
        _oracle = new SimulationOracle(this);
        _faultsEnd = Scheduler.Between(10, 30).Ticks;
        Options.HotLeads.FilterMaxLeads = Scheduler.Random.Next(3) switch { 0 => 0, 1 => 4, _ => 1000 };
    }

    public SimulationScheduler Scheduler { get; }

    public FaultPlan Faults { get; }

    public Mutation Mutation { get; }

    public SimulatedTopic Topic { get; }

    public SimulatedDatabase Database { get; }

    public SimulatedGroup Group { get; }

    public IReadOnlyList<SimulatedDisk> Disks { get; }

    public SimulatedServer PostgreSql { get; } = SimulatedServer.PostgreSql();

    public SimulatedServer Kafka { get; } = SimulatedServer.Kafka();

    /// <summary>Leads the dead-letter topic; it may be away while the others are not.</summary>
    public SimulatedServer DeadLetterBroker { get; } = SimulatedServer.Kafka();

    /// <summary>The model that is deployed now.</summary>
    public ForestModel Model { get; private set; } = SimulatedEvents.Models[0];

    public StreamScorerOptions Options { get; } = new()
    {
        Kafka = { Topic = SimulatedTopic.Name, OnOffsetOutOfRange = OffsetOutOfRangePolicy.Earliest },
        Scoring = { ModelName = SimulatedEvents.ModelName, Threshold = SimulatedEvents.Threshold, Reasons = ReasonsFor.None },
        Checkpoint = { MaxRows = 24, MaxAge = TimeSpan.FromSeconds(1), SettleInterval = TimeSpan.FromSeconds(5) },
    };

    /// <summary>One history. Must be called on a thread without a synchronization context.</summary>
    public static SimulationResult Run(int seed, Mutation mutation = Mutation.None, bool keepTrace = false)
    {
        var drawn = new SimulationScheduler(seed, keepTrace);
        var world = new SimulatedWorld(drawn, FaultPlan.Draw(drawn.Random), mutation);
        try
        {
            world.Run();
        }
        catch (Exception exception)
        {
            world.Scheduler.Violate($"The simulation itself failed: {exception}");
        }

        var scheduler = world.Scheduler;
        return new SimulationResult(scheduler.Violation, scheduler.TraceHash, scheduler.Trace);
    }

    /// <summary>A world in which nothing goes wrong by itself, for a test that tells its own story.</summary>
    public static SimulatedWorld Quiet(int partitions, int workers = 1, int seed = 1)
    {
        var scheduler = new SimulationScheduler(seed, keepTrace: true);
        var world = new SimulatedWorld(scheduler, FaultPlan.Quiet(scheduler.Random, partitions, workers), Mutation.None);
        for (var slot = 0; slot < workers; slot++)
            world.StartLater(slot);
        return world;
    }

    /// <summary>The worker that runs in a slot now.</summary>
    public SimulatedWorker Worker(int slot) => _workers[slot] ?? throw new InvalidOperationException($"No worker runs in slot {slot}.");

    /// <summary>Publishes records of one truth to a partition.</summary>
    public void Publish(int partition, int records, RecordTruth truth = RecordTruth.Event)
    {
        for (var i = 0; i < records; i++)
            Topic.Logs[partition].Append(Scheduler.Random, partition, Timestamp(), truth);
    }

    public (SimulatedDisk Disk, Guid StorageId) StorageOf(int slot) => (Disks[slot % Disks.Count], _storageIds[slot % Disks.Count]);

    private void Run()
    {
        Produce();
        for (var slot = 0; slot < _workers.Length; slot++)
            StartLater(slot);
        ScheduleFaults();
        Scheduler.RunUntil(_faultsEnd);
        EndFaults();
        ComeToRest();
    }

    /// <summary>No fault any more: everything is registered, published and committed, the workers stop, the oracle looks.</summary>
    public void ComeToRest()
    {
        var limit = Scheduler.Now + MostTimeToRest.Ticks;
        while (Scheduler.Violation is null && !_oracle.IsDrained)
        {
            if (Scheduler.Now >= limit)
                Scheduler.Violate("stalled: no fault for minutes, and still not everything is registered, published and committed");
            RunFor(TimeSpan.FromSeconds(1));
        }

        StopAll();
        if (Scheduler.Violation is null)
            _oracle.CheckAtRest();
        foreach (var worker in _workers)
            worker?.Dispose();
    }

    /// <summary>Lets virtual time pass.</summary>
    public void RunFor(TimeSpan duration)
    {
        Scheduler.RunUntil(Scheduler.Now + duration.Ticks);
        Tend();
    }

    private void Produce()
    {
        var records = Scheduler.Random.Next(20, 160);
        for (var i = 0; i < records; i++)
        {
            var partition = Scheduler.Random.Next(Topic.Logs.Count);
            Scheduler.Schedule(null, TimeSpan.FromTicks(Scheduler.Random.NextInt64(_faultsEnd)), () =>
                Topic.Logs[partition].Append(Scheduler.Random, partition, Timestamp()));
        }
    }

    private long Timestamp() => 1_700_000_000_000_000 + (Scheduler.Now / 10);

    private void StartLater(int slot) => Scheduler.Schedule(null, Scheduler.Between(0.1, Faults.IsOn ? 9 : 1), () =>
    {
        if (_isEnding)
            return;
        _workers[slot] = new SimulatedWorker(this, slot, ++_lives[slot]);
    });

    /// <summary>Looks after the workers as an operator's supervisor does: one that has ended is started again.</summary>
    private void Tend()
    {
        for (var slot = 0; slot < _workers.Length; slot++)
        {
            if (_workers[slot] is not { } worker || (worker.Process.IsAlive && !worker.HasEnded))
                continue;
            if (worker.Process.IsAlive && worker.Failure is { } failure)
                Scheduler.Violate($"{worker.Process.Name} failed: {failure}");
            worker.Process.Kill("ended");
            worker.Dispose();
            _workers[slot] = null;
            StartLater(slot);
        }
    }

    private void ScheduleFaults()
    {
        Repeat(0.2, Tend);
        Repeat(Faults.KillSeconds, () => OnSomeWorker(worker => worker.Process.Kill("killed")));
        Repeat(Faults.FreezeSeconds, () => OnSomeWorker(worker => worker.Process.Freeze(Scheduler.Between(0.5, 15))));
        Repeat(Faults.StopSeconds, () => OnSomeWorker(worker => worker.Stop()));
        Repeat(Faults.ShuffleSeconds, Group.Shuffle);
        Repeat(Faults.OutageSeconds, () => GoAway(
            Scheduler.Random.Next(5) switch { < 2 => PostgreSql, < 4 => Kafka, _ => DeadLetterBroker }, Scheduler.Between(0.5, 12)));
        Repeat(Faults.PowerLossSeconds, LosePower);
        Repeat(Faults.DatabaseCrashSeconds, CrashDatabase);
        Repeat(Faults.ModelSwapSeconds, SwapModel);
        Repeat(Faults.RetentionSeconds, ApplyRetention);
    }

    private void Repeat(double meanSeconds, Action strike)
    {
        if (meanSeconds <= 0)
            return;
        Scheduler.Schedule(null, Scheduler.Between(meanSeconds * 0.2, meanSeconds * 1.8), () =>
        {
            if (!Faults.IsOn)
                return;
            strike();
            Repeat(meanSeconds, strike);
        });
    }

    private void OnSomeWorker(Action<SimulatedWorker> strike)
    {
        if (_workers[Scheduler.Random.Next(_workers.Length)] is { Process.IsAlive: true } worker)
            strike(worker);
    }

    private void GoAway(SimulatedServer server, TimeSpan duration)
    {
        Scheduler.Note(server.Name, "away for µs", duration.Ticks / 10);
        server.AwayUntil = Math.Max(server.AwayUntil, Scheduler.Now + duration.Ticks);
    }

    private void CrashDatabase()
    {
        Scheduler.Note(PostgreSql.Name, "crashes; transactions lost", Database.Crash(Scheduler.Random));
        GoAway(PostgreSql, Scheduler.Between(0.2, 3));
    }

    private void LosePower() => LosePower(Scheduler.Random.Next(Disks.Count));

    /// <summary>A machine dies: its workers, and what its disk had not made durable.</summary>
    public void LosePower(int number)
    {
        Scheduler.Note("disk", "loses power", number);
        for (var slot = number; slot < _workers.Length; slot += Disks.Count)
            _workers[slot]?.Process.Kill("without power");
        Disks[number].LosePower(Scheduler.Random);
    }

    private void SwapModel()
    {
        Model = SimulatedEvents.Models[Scheduler.Random.Next(SimulatedEvents.Models.Count)];
        foreach (var worker in _workers)
            worker?.Process.Schedule(Scheduler.Between(0, 2), worker.SwapModel);
    }

    private void ApplyRetention()
    {
        var partition = Scheduler.Random.Next(Topic.Logs.Count);
        var log = Topic.Logs[partition];
        log.Low = Math.Max(log.Low, log.End - Scheduler.Random.Next(1, 30));
        Scheduler.Note("topic", "retention", partition, log.Low);
    }

    private void EndFaults()
    {
        Scheduler.Note("!", "faults end");
        Faults.End();
        PostgreSql.AwayUntil = Kafka.AwayUntil = DeadLetterBroker.AwayUntil = 0;
        foreach (var worker in _workers)
            worker?.Process.Thaw();
    }

    private void StopAll()
    {
        _isEnding = true;
        foreach (var worker in _workers)
            worker?.Stop();
        var limit = Scheduler.Now + TimeSpan.FromMinutes(1).Ticks;
        while (Scheduler.Violation is null && _workers.Any(worker => worker is { HasEnded: false, Process.IsAlive: true }))
        {
            if (Scheduler.Now >= limit)
                Scheduler.Violate("stalled: a worker does not stop");
            Scheduler.RunUntil(Scheduler.Now + TimeSpan.FromSeconds(1).Ticks);
        }
    }
}
