using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.Tests.Simulation;

/// <summary>The dead-letter topic as a process reaches it: as the real producer, it sends until it is acknowledged.</summary>
internal sealed class SimulatedDeadLetterTopic(SimulatedProcess process, SimulatedWorld world, OutageRetry retry) : IDeadLetterTopic
{
    public Task SendAsync(MicroBatch batch, in BadRecord bad, CancellationToken ct)
    {
        var position = (batch.Leases[bad.Record].Partition.Partition.Value, batch.Offsets[bad.Record]);
        return retry.RunAsync(
            Readiness.Kafka, _ => process.CallAsync(world.DeadLetterBroker, "send dead letter", () => world.Topic.DeadLetters.Add(position)), ct);
    }
}

/// <summary>One life of a worker: the real loop and everything real around it, in one simulated process.</summary>
internal sealed class SimulatedWorker : IDisposable
{
    private readonly SimulatedWorld _world;
    private readonly PredictionEnginePool _pool = new(new HotThreshold(SimulatedEvents.Threshold));
    private readonly ScorerMetrics _metrics = new();
    private readonly SimulatedSource _source;
    private readonly Task _running;

    public SimulatedWorker(SimulatedWorld world, int slot, int life)
    {
        _world = world;
        Process = new SimulatedProcess(world.Scheduler, world.Faults, FormattableString.Invariant($"w{slot}.{life}"));
        SwapModel();
        _source = new SimulatedSource(world, Process);
        var loop = new MicroBatchLoop(Parts(slot));
        _source.Start();
        _running = loop.RunAsync(CancellationToken.None);
    }

    public SimulatedProcess Process { get; }

    /// <summary>Whether the worker came to its end by itself.</summary>
    public bool HasEnded => _running.IsCompleted;

    /// <summary>What the loop ended with, if it should not have.</summary>
    public Exception? Failure => _running.Exception?.GetBaseException();

    public void SwapModel() => _pool.Add(new PoisonableModel(SimulatedEvents.ModelName, _world.Model));

    public void Stop() => _source.StopAsync();

    public void Dispose()
    {
        _pool.Dispose();
        _metrics.Dispose();
    }

    private LoopParts Parts(int slot)
    {
        var clock = new VirtualClock(_world.Scheduler, Process);
        var log = NullLogger.Instance;
        var retry = new OutageRetry(new Readiness(clock), log, clock, new Random(_world.Scheduler.Random.Next()));
        var (disk, storageId) = _world.StorageOf(slot);
        var folder = new CheckpointFolder("/archive", new ProcessDisk(_world.Scheduler, Process, disk, _world.Mutation));
        var ledger = new SimulatedLedger(Process, _world.PostgreSql, _world.Database, storageId);
        var hotLeads = new SimulatedHotLeadStore(Process, _world.PostgreSql, _world.Database);
        var settlement = new Settlement(ledger, folder, log);
        return new LoopParts
        {
            Options = _world.Options,
            Source = _source,
            Pool = _pool,
            HotLeads = new HotLeadWriter(hotLeads, retry, new LeadFilter(hotLeads, retry, _world.Options.HotLeads)),
            DeadLetters = new SimulatedDeadLetterTopic(Process, _world, retry),
            Checkpoints = new CheckpointJob(folder, new CheckpointFileWriter(folder, "g", clock), ledger, retry),
            Taker = new PartitionTaker(_source, ledger, settlement, retry, Process.Name, SimulatedTopic.Name, log),
            Ledger = ledger,
            Settlement = settlement,
            Retry = retry,
            Metrics = _metrics,
            Quality = new DataQuality(clock),
            Pulse = new LoopPulse(clock),
            Clock = clock,
            Log = log,
        };
    }
}
