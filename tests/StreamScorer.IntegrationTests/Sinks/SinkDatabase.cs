using Dapper;
using Npgsql;
using StreamScorer.Sinks;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>A migrated schema of a test's own in the shared PostgreSQL, with what the tests of the sinks need.</summary>
internal sealed class SinkDatabase : IAsyncDisposable
{
    public const string Topic = "events";
    public const string Group = "scorers";

    private SinkDatabase(string connectionString, string schema)
    {
        Schema = schema;
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = schema, ApplicationName = schema };
        ConnectionString = settings.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
        Ledger = new ProgressLedger(DataSource, Group, StorageId, TimeProvider.System);
        Sink = new HotLeadSink(DataSource, Group);
    }

    public string Schema { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    public Guid StorageId { get; } = Guid.NewGuid();

    public ProgressLedger Ledger { get; }

    public HotLeadSink Sink { get; }

    public static async Task<SinkDatabase> CreateAsync()
    {
        var database = await CreateEmptyAsync();
        await Migrations.ApplyAsync(database.DataSource);
        return database;
    }

    /// <summary>Without migrations: not even the schema is there.</summary>
    public static async Task<SinkDatabase> CreateEmptyAsync()
    {
        var services = await Services.GetAsync();
        return new SinkDatabase(services.ConnectionString, "sinks_" + Guid.NewGuid().ToString("N")[..12]);
    }

    public async Task<T> ScalarAsync<T>(string sql, object? arguments = null)
    {
        await using var connection = await DataSource.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, arguments))!;
    }

    public async Task ExecuteAsync(string sql, object? arguments = null)
    {
        await using var connection = await DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, arguments);
    }

    /// <summary>Takes partitions 0 to <paramref name="count"/> - 1, new ones from offset 0.</summary>
    public async Task<IReadOnlyList<TakenPartition>> TakeAsync(int count = 1) => await Ledger.TakeAsync(
        [.. Enumerable.Range(0, count).Select(partition => new TakeRequest(Topic, partition, 0))], "test", default);

    public async Task<long> NextOffsetAsync(int partition = 0) => await ScalarAsync<long>(
        "select next_offset from stream_progress where partition = @partition", new { partition });

    public async Task<long> FilesAsync() => await ScalarAsync<long>("select count(*) from checkpoint_files");

    /// <summary>Until a session in this schema's tests waits for a lock with a statement that has these words in it.</summary>
    public async Task WaitForLockAsync(string words)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        const string Waiting =
            """
            select count(*) from pg_stat_activity
            where wait_event_type = 'Lock' and application_name = @Schema and query like '%' || @words || '%'
            """;
        while (await ScalarAsync<long>(Waiting, new { Schema, words }) == 0)
            await Task.Delay(10, patience.Token);
    }

    /// <summary>A checkpoint with one row for each offset.</summary>
    public static StagedCheckpoint Checkpoint(params (TakenPartition Owner, long Start, long End)[] ranges)
    {
        var fileId = Guid.NewGuid();
        var list = ranges.Select(range => new PartitionRange(
                range.Owner.Topic, range.Owner.Partition, range.Owner.OwnerEpoch, range.Start, range.End, range.End - range.Start))
            .ToList();
        return new StagedCheckpoint(
            fileId, CheckpointFolder.StagedPath(fileId), CheckpointFolder.FinalPath(fileId, DateTimeOffset.UnixEpoch),
            list.Sum(range => range.RowCount), list);
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync($"drop schema if exists {Schema} cascade");
        await DataSource.DisposeAsync();
    }
}
