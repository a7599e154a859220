using Confluent.Kafka;
using Dapper;
using Npgsql;

namespace StreamScorer.App.Audit;

/// <summary>
/// One read-only snapshot of PostgreSQL, held open while the audit looks at files and topics, so that ledger and hot
/// leads are of one moment however long that takes.
/// </summary>
internal sealed class LedgerSnapshotReader : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private LedgerSnapshotReader(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Takes the snapshot.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<LedgerSnapshotReader> OpenAsync(NpgsqlDataSource dataSource, CancellationToken ct)
    {
        var connection = await dataSource.OpenConnectionAsync(ct);
        var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        // The audit may be quiet in the database for as long as it reads a topic.
        await connection.ExecuteAsync("set transaction read only; set local idle_in_transaction_session_timeout = 0", transaction);
        return new LedgerSnapshotReader(connection, transaction);
    }

    /// <summary>The ledger of one group and topic.</summary>
    public async Task<LedgerSnapshot> ReadLedgerAsync(string groupId, string topic)
    {
        var of = new { group = groupId, topic };
        var takenAt = await _connection.QuerySingleAsync<DateTime>("select now()", transaction: _transaction);
        var files = (await _connection.QueryAsync<FileRow>(
            """
            select file_id as FileId, storage_id as StorageId, staged_path as StagedPath, final_path as FinalPath,
                   registered_at as RegisteredAt, published_at is not null as IsPublished
            from checkpoint_files where group_id = @group
              and file_id in (select file_id from checkpoint_ranges where group_id = @group and topic = @topic)
            """, of, _transaction)).ToDictionary(row => row.FileId, row => row.ToFile());
        var ranges = (await _connection.QueryAsync<RangeRow>(
            """
            select file_id as FileId, partition as Partition, incarnation as Incarnation, start_offset as StartOffset,
                   end_offset as EndOffset, row_count as RowCount
            from checkpoint_ranges where group_id = @group and topic = @topic order by partition, incarnation, start_offset
            """, of, _transaction)).ToLookup(row => row.Partition);
        var gaps = (await _connection.QueryAsync<GapRow>(
            """
            select partition as Partition, incarnation as Incarnation, start_offset as StartOffset, end_offset as EndOffset,
                   reason as Reason
            from offset_gaps where group_id = @group and topic = @topic
            """, of, _transaction)).ToLookup(row => row.Partition);
        var resets = (await _connection.QueryAsync<ResetRow>(
            """
            select partition as Partition, incarnation as Incarnation, from_offset as FromOffset, to_offset as ToOffset,
                   reset_at as ResetAt
            from offset_resets where group_id = @group and topic = @topic order by partition, incarnation
            """, of, _transaction)).ToLookup(row => row.Partition);
        var progress = await _connection.QueryAsync<(int Partition, long InitialOffset, long NextOffset)>(
            """
            select partition, initial_offset, next_offset from stream_progress
            where group_id = @group and topic = @topic order by partition
            """, of, _transaction);
        return new LedgerSnapshot(takenAt, files, [.. progress.Select(row => new PartitionLedger(
            new TopicPartition(topic, row.Partition), row.InitialOffset, row.NextOffset,
            [.. ranges[row.Partition].Select(range => range.ToRange(files))],
            [.. gaps[row.Partition].Select(gap => gap.ToGap())],
            [.. resets[row.Partition].Select(reset => reset.ToReset())]))]);
    }

    /// <summary>Rows of hot_leads, in no order, of all topics.</summary>
    public async IAsyncEnumerable<HotLeadRow> ReadHotLeadsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select lead_id, probability, model_id, source_topic, source_partition, source_offset, source_incarnation,
                   cooled_at is null
            from hot_leads
            """, _connection, _transaction);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return new HotLeadRow(
                reader.GetString(0), reader.GetDouble(1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4),
                reader.GetInt64(5), reader.GetInt64(6), reader.GetBoolean(7));
        }
    }

    /// <summary>Which of these final paths are registered by now, after the snapshot included, by whatever group.</summary>
    public static async Task<IReadOnlySet<string>> RegisteredPathsAsync(
        NpgsqlDataSource dataSource, IEnumerable<string> finalPaths, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return (await connection.QueryAsync<string>(
            "select final_path from checkpoint_files where final_path = any(@paths)", new { paths = finalPaths.ToArray() })).ToHashSet();
    }

    /// <summary>Ends the snapshot.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private sealed class FileRow
    {
        public Guid FileId { get; init; }
        public Guid StorageId { get; init; }
        public string? StagedPath { get; init; }
        public string? FinalPath { get; init; }
        public DateTime RegisteredAt { get; init; }
        public bool IsPublished { get; init; }

        public RegisteredFile ToFile() => new(FileId, StorageId, StagedPath, FinalPath, RegisteredAt, IsPublished);
    }

    private sealed class RangeRow
    {
        public Guid FileId { get; init; }
        public int Partition { get; init; }
        public long Incarnation { get; init; }
        public long StartOffset { get; init; }
        public long EndOffset { get; init; }
        public long RowCount { get; init; }

        public RegisteredRange ToRange(Dictionary<Guid, RegisteredFile> files) =>
            new(files[FileId], Incarnation, new OffsetRun(StartOffset, EndOffset), RowCount);
    }

    private sealed class GapRow
    {
        public int Partition { get; init; }
        public long Incarnation { get; init; }
        public long StartOffset { get; init; }
        public long EndOffset { get; init; }
        public string Reason { get; init; } = "";

        public RecordedGap ToGap() => new(Incarnation, new OffsetRun(StartOffset, EndOffset), Reason);
    }

    private sealed class ResetRow
    {
        public int Partition { get; init; }
        public long Incarnation { get; init; }
        public long? FromOffset { get; init; }
        public long ToOffset { get; init; }
        public DateTime ResetAt { get; init; }

        public RecordedReset ToReset() => new(Incarnation, FromOffset, ToOffset, ResetAt);
    }
}

/// <summary>A row of hot_leads as far as the audit needs it.</summary>
internal sealed record HotLeadRow(
    string LeadId, double Probability, string ModelId, string Topic, int Partition, long Offset, long Incarnation, bool IsHot);
