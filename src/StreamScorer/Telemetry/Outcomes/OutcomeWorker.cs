using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamScorer.Parquet;
using StreamScorer.Sinks;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>
/// Beside the scoring worker: records outcomes, joins them to scores on a timer, and keeps the models' figures. Never in
/// the way of an event.
/// </summary>
public sealed class OutcomeWorker(
    StreamScorerOptions options, NpgsqlDataSource dataSource, OutcomeMetrics metrics, OutageRetry retry, TimeProvider clock,
    ILogger<OutcomeWorker> log) : BackgroundService
{
    private readonly OutcomeStore _store = new(dataSource, clock);

    /// <summary>Why it ended by itself; null while it runs and after an ordinary stop.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Outcomes.Topic.Length == 0)
            return;
        try
        {
            await retry.RunAsync(Readiness.PostgreSql, token => Migrations.ApplyAsync(dataSource, token), stoppingToken).ConfigureAwait(false);
            var consumer = new OutcomeConsumer(options, _store, metrics, retry, clock, log);
            var consuming = Task.Factory.StartNew(
                () => consumer.RunAsync(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
            await await Task.WhenAny(consuming, MatchAsync(stoppingToken)).ConfigureAwait(false);
            await consuming.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not recorded is consumed again, what is not joined is looked for again.
        }
        catch (Exception exception)
        {
            log.OutcomesStopped(SinkErrors.Describe(exception));
            Failure = exception;
            throw;
        }
    }

    private async Task MatchAsync(CancellationToken ct)
    {
        var archive = new ScoreArchive(dataSource, new CheckpointFolder(options.Checkpoint.Folder), options.Kafka.GroupId);
        var matching = new OutcomeMatching(dataSource, _store, archive, options.Outcomes, clock);
        while (true)
        {
            await JoinAsync(matching, ct).ConfigureAwait(false);
            await Task.Delay(options.Outcomes.Interval, clock, ct).ConfigureAwait(false);
        }
    }

    private async Task JoinAsync(OutcomeMatching matching, CancellationToken ct)
    {
        try
        {
            var joined = await retry.RunAsync(Readiness.PostgreSql, matching.RunAsync, ct).ConfigureAwait(false);
            metrics.Joined(joined ?? 0);
            var since = clock.GetUtcNow() - options.Outcomes.Window;
            var scored = await retry.RunAsync(Readiness.PostgreSql, token => _store.ScoredAsync(since, token), ct).ConfigureAwait(false);
            metrics.Models = ModelQuality.Of(scored);
        }
        catch (Exception exception) when (exception is IOException or ParquetException or InvalidDataException)
        {
            // A file of the archive is missing or damaged, which audit explains. Scoring must not stop for it, and the
            // outcomes stay open until the file is back.
            metrics.JoinFailed();
            log.OutcomeMatchingFailed(options.Outcomes.Interval, exception.Message);
        }
    }
}
