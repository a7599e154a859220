using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer;

/// <summary>
/// The hosted worker: waits for its dependencies, settles what was left, runs <see cref="MicroBatchLoop"/>, and on
/// SIGTERM or Ctrl-C drains inside the budget. An error that it cannot wait out stops the host, loudly.
/// </summary>
public sealed class ScoringWorker(
    StreamScorerOptions options, NpgsqlDataSource dataSource, PredictionEnginePool pool, Readiness readiness, ScorerMetrics metrics,
    DataQuality quality, OutageRetry retry, LoopPulse pulse, TimeProvider clock, ILoggerFactory logs) : BackgroundService
{
    private readonly ILogger _log = logs.CreateLogger("StreamScorer");

    /// <summary>Why the worker ended by itself; null while it runs and after an ordinary stop.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while waiting for a dependency, or past the drain budget: what is uncommitted is scored again.
        }
        catch (Exception exception)
        {
            Failure = exception;
            throw;
        }
        finally
        {
            _log.Stopped(metrics.Records, metrics.Scored, metrics.DeadLetters, metrics.Checkpoints);
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        pool.Reloaded += metrics.ModelReloaded;
        metrics.Observe(pool);
        var model = pool.GetModel(options.Scoring.ModelName);
        readiness.Up(Readiness.Model);
        if (quality.IsEnabled)
            quality.Enter(model);
        _log.Starting(options.Kafka.Topic, options.Kafka.GroupId, options.Kafka.BootstrapServers, model.Name, model.Id[..12]);
        await retry.RunAsync(Readiness.PostgreSql, token => Migrations.ApplyAsync(dataSource, token), stoppingToken).ConfigureAwait(false);
        var folder = new CheckpointFolder(options.Checkpoint.Folder);
        var storageId = await retry.RunAsync(
            Readiness.CheckpointFolder, _ => Task.FromResult(folder.OpenStorage()), stoppingToken).ConfigureAwait(false);
        await new TopicCheck(options.Kafka, readiness, _log, clock).WaitAsync(stoppingToken).ConfigureAwait(false);

        var ledger = new ProgressLedger(dataSource, options.Kafka.GroupId, storageId, clock);
        var otherRoots = await retry.RunAsync(
            Readiness.PostgreSql, token => ledger.EnterStorageAsync(folder.Root, token), stoppingToken).ConfigureAwait(false);
        if (otherRoots.Count > 0)
            _log.OtherArchiveRoots(string.Join(", ", otherRoots), folder.Root);
        var settlement = new Settlement(ledger, folder, _log);
        await using var source = new KafkaMicroBatchSource(options, logs.CreateLogger<KafkaMicroBatchSource>());
        using var deadLetters = new DeadLetterProducer(options.Kafka, Path.Combine(folder.Root, "quarantine"), retry);
        var hotLeads = new HotLeadSink(dataSource, options.Kafka.GroupId);
        var loop = new MicroBatchLoop(new LoopParts
        {
            Options = options,
            Source = source,
            Pool = pool,
            HotLeads = new HotLeadWriter(hotLeads, retry, new LeadFilter(hotLeads, retry, options.HotLeads)),
            DeadLetters = deadLetters,
            Checkpoints = new CheckpointJob(folder, new CheckpointFileWriter(folder, options.Kafka.GroupId, clock), ledger, retry),
            Taker = new PartitionTaker(source, ledger, settlement, retry, Owner, options.Kafka.Topic, _log),
            Ledger = ledger,
            Settlement = settlement,
            Retry = retry,
            Metrics = metrics,
            Quality = quality,
            Pulse = pulse,
            Clock = clock,
            Log = _log,
        });
        using var watch = new BrokerWatch(options.Kafka, retry);
        source.BrokerTrouble += watch.Suspect;
        await RunLoopAsync(loop, source, stoppingToken).ConfigureAwait(false);
    }

    private async Task RunLoopAsync(MicroBatchLoop loop, KafkaMicroBatchSource source, CancellationToken stoppingToken)
    {
        using var expired = new CancellationTokenSource();
        source.Start();
        var running = loop.RunAsync(expired.Token);
        using var stop = stoppingToken.Register(() =>
        {
            _log.Stopping(options.Kafka.DrainBudget.TotalSeconds);
            // The source drains inside its budget and leaves; a loop that still waits for a sink then is past it.
            source.StopAsync().ContinueWith(_ => expired.CancelAfter(TimeSpan.FromSeconds(1)), TaskScheduler.Default);
        });
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch
        {
            // Nobody answers the source's drain any more: what is open stays uncommitted and is scored again.
            await AbandonAsync(source).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task AbandonAsync(KafkaMicroBatchSource source)
    {
        var stopped = source.StopAsync();
        while (await source.Events.WaitToReadAsync().ConfigureAwait(false))
            while (source.Events.TryRead(out var left))
                (left as PartitionsRevoked)?.Complete();
        await stopped.ConfigureAwait(false);
    }

    /// <summary>What this process calls itself in the ledger, for people.</summary>
    public static string Owner => FormattableString.Invariant($"{Environment.MachineName}:{Environment.ProcessId}");
}
