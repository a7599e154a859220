using System.Text.Json;
using Npgsql;
using StreamScorer.Scoring;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Api.Live;

/// <summary>The state of the stream as operators see it: from this worker's meters, and from the group's ledger.</summary>
internal sealed class StreamOverview(
    StreamScorerOptions options, NpgsqlDataSource dataSource, PredictionEnginePool pool, HealthStatus health, StreamMeters meters,
    ScorerMetrics metrics, StreamHistory history, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan TablesLast = TimeSpan.FromSeconds(4);
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly SemaphoreSlim _reading = new(1);
    private StreamTables _tables = StreamTables.Empty;
    private long _readAt;

    /// <summary>The state as JSON.</summary>
    /// <param name="withHistory">With the last quarter of an hour, second by second.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<byte[]> WriteAsync(bool withHistory, CancellationToken ct)
    {
        var tables = await TablesAsync(ct).ConfigureAwait(false);
        var lags = metrics.Stream.PartitionLags.DistinctBy(each => each.Partition).ToDictionary(each => each.Partition, each => each.Lag);
        var model = pool.GetModel(options.Scoring.ModelName);
        var answer = new
        {
            Worker = new
            {
                Name = Worker,
                StartedAt = _startedAt,
                options.Kafka.Topic,
                Group = options.Kafka.GroupId,
                Model = model.Name,
                ModelVersion = model.Id,
                options.Scoring.Threshold,
            },
            Ready = health.IsReady,
            Live = health.IsLive,
            Dependencies = health.Dependencies.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new { Name = pair.Key, Up = pair.Value.IsUp, pair.Value.Since, pair.Value.Reason }),
            meters.Totals,
            meters.DeadLetters,
            Partitions = tables.Partitions.Select(partition => partition with
            {
                IsMine = partition.Owner == Worker,
                Lag = partition.Owner == Worker && lags.TryGetValue(partition.Partition, out var lag) ? lag : null,
            }),
            tables.Checkpoints,
            Second = history.Last,
            History = withHistory ? Columns(history.Read()) : null,
        };
        return JsonSerializer.SerializeToUtf8Bytes(answer, Names);
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    // By columns: fifteen minutes are 60 KB that way, and 200 KB by rows.
    private static object Columns(IReadOnlyList<StreamSecond> seconds) => new
    {
        At = seconds.Select(second => second.At),
        Scored = seconds.Select(second => second.Scored),
        Hot = seconds.Select(second => second.Hot),
        Lag = seconds.Select(second => second.Lag),
        BatchP50Seconds = seconds.Select(second => second.BatchP50Seconds),
        BatchP99Seconds = seconds.Select(second => second.BatchP99Seconds),
        DeadLetters = seconds.Select(second => second.DeadLetters),
    };

    // Read for all viewers together; while the database is away the last known ones stand, and readiness says why.
    private async Task<StreamTables> TablesAsync(CancellationToken ct)
    {
        await _reading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_readAt != 0 && clock.GetElapsedTime(_readAt) < TablesLast)
                return _tables;
            _readAt = clock.GetTimestamp();
            await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
            _tables = await StreamTables.ReadAsync(connection, options.Kafka.GroupId, options.Kafka.Topic, ct).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // Told by readiness, which the same answer carries.
        }
        finally
        {
            _reading.Release();
        }

        return _tables;
    }

    private static string Worker => ScoringWorker.Owner;
}
