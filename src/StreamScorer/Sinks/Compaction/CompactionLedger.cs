using System.Data;
using Dapper;
using Npgsql;

namespace StreamScorer.Sinks.Compaction;

/// <summary>The manifest's side of compactions: which files a day has, and the moves of ranges from file to file.</summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="groupId">The consumer group of the archive.</param>
/// <param name="storageId">The archive root's identity.</param>
/// <param name="clock">Source of the times that are kept for people.</param>
public sealed class CompactionLedger(NpgsqlDataSource dataSource, string groupId, Guid storageId, TimeProvider clock)
{
    // Registrations wait for this lock while it is held; so it is never itself waited for long.
    private const string LockManifest = "set local lock_timeout = '5s'; lock table checkpoint_files in share row exclusive mode";

    /// <summary>The consumer group of the archive.</summary>
    public string GroupId => groupId;

    /// <summary>The archive root's identity.</summary>
    public Guid StorageId => storageId;

    /// <summary>
    /// Keeps other compactions of this archive away until disposed of: a lock of a transaction of its own, which the
    /// server drops however the process ends.
    /// </summary>
    /// <returns>Null where another compaction is at work.</returns>
    public async Task<CompactionTurn?> TryEnterAsync(CancellationToken ct)
    {
        var connection = await dataSource.OpenConnectionAsync(ct);
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var turn = new CompactionTurn(connection, transaction);
        bool entered = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            set local idle_in_transaction_session_timeout = 0;
            select pg_try_advisory_xact_lock(hashtextextended('streamscorer.compaction:' || @storageId::text, 0))
            """,
            new { storageId }, cancellationToken: ct));
        if (entered)
            return turn;
        await turn.DisposeAsync();
        return null;
    }

    /// <summary>
    /// The ranges of the day's published files; null where a file of the day is registered and not published yet, because
    /// its rename may come at any moment.
    /// </summary>
    /// <param name="folders">The day.</param>
    /// <param name="ct">Cancels the attempt.</param>
    public async Task<IReadOnlyList<RangeInFile>?> RangesAsync(CompactionFolders folders, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return await RangesAsync(connection, folders, ct);
    }

    /// <summary>
    /// Exchanges the folders while no checkpoint can be registered or marked published, and tells the manifest in the same
    /// transaction.
    /// </summary>
    /// <param name="plan">The plan, journalled.</param>
    /// <param name="folders">The day.</param>
    /// <param name="exchange">Exchanges the folders, durably.</param>
    /// <param name="ct">Cancels the attempt; the outcome is then that of the journal.</param>
    /// <returns>False where the day has changed since it was planned: nothing was done.</returns>
    public async Task<bool> ExchangeAsync(CompactionPlan plan, CompactionFolders folders, Action exchange, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await connection.ExecuteAsync(new CommandDefinition(TransactionSettings.WaitForDisk, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition(LockManifest, cancellationToken: ct));
        var now = await RangesAsync(connection, folders, ct);
        var planned = plan.Outputs.SelectMany(output => output.Ranges).ToHashSet();
        if (now is null || !planned.SetEquals(now))
            return false;
        exchange();
        await ReplaceAsync(connection, plan, folders, ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Tells the manifest of a compaction whose folders have been exchanged. Repeating it changes nothing.</summary>
    /// <exception cref="InvalidOperationException">A range is neither where it was nor where it should come to.</exception>
    public async Task ReplaceAsync(CompactionPlan plan, CompactionFolders folders, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await connection.ExecuteAsync(new CommandDefinition(TransactionSettings.WaitForDisk, cancellationToken: ct));
        await ReplaceAsync(connection, plan, folders, ct);
        await transaction.CommitAsync(ct);
    }

    private async Task ReplaceAsync(NpgsqlConnection connection, CompactionPlan plan, CompactionFolders folders, CancellationToken ct)
    {
        foreach (var output in plan.Outputs)
        {
            await EnterAsync(connection, output, folders, ct);
            await MoveRangesAsync(connection, output, ct);
        }

        // The rows stay, without a file: a worker that asks about an old registration must be told that it stands.
        await connection.ExecuteAsync(new CommandDefinition(
            "update checkpoint_files set staged_path = null, final_path = null, row_count = 0 where file_id = any(@ids)",
            new { ids = plan.Inputs.ToArray() }, cancellationToken: ct));
    }

    // Registered when the newest of its rows was: whoever reads files newest first finds it where they were.
    private async Task EnterAsync(NpgsqlConnection connection, CompactedFile output, CompactionFolders folders, CancellationToken ct)
    {
        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into checkpoint_files
                (file_id, group_id, storage_id, staged_path, final_path, row_count, registered_at, published_at)
            select @FileId, @groupId, @storageId, @staged, @final, @RowCount, max(registered_at), @now
            from checkpoint_files where file_id = any(@from)
            on conflict (file_id) do nothing
            """,
            new
            {
                output.FileId,
                output.RowCount,
                groupId,
                storageId,
                now = clock.GetUtcNow().UtcDateTime,
                staged = CheckpointFolder.StagedPath(output.FileId),
                final = folders.FinalPath(output.FileId),
                from = output.Ranges.Select(range => range.FileId).ToArray(),
            },
            cancellationToken: ct));
    }

    private async Task MoveRangesAsync(NpgsqlConnection connection, CompactedFile output, CancellationToken ct)
    {
        int moved = await connection.ExecuteAsync(new CommandDefinition(
            """
            update checkpoint_ranges c set file_id = @FileId
            from unnest(@from, @topics, @partitions, @incarnations, @starts) as m(from_file, topic, partition, incarnation, start_offset)
            where c.group_id = @groupId and c.topic = m.topic and c.partition = m.partition and c.incarnation = m.incarnation
              and c.start_offset = m.start_offset and c.file_id in (m.from_file, @FileId)
            """,
            new
            {
                output.FileId,
                groupId,
                from = output.Ranges.Select(range => range.FileId).ToArray(),
                topics = output.Ranges.Select(range => range.Topic).ToArray(),
                partitions = output.Ranges.Select(range => range.Partition).ToArray(),
                incarnations = output.Ranges.Select(range => range.Incarnation).ToArray(),
                starts = output.Ranges.Select(range => range.StartOffset).ToArray(),
            },
            cancellationToken: ct));
        if (moved != output.Ranges.Count)
        {
            throw new InvalidOperationException(
                $"Of the {output.Ranges.Count} ranges of compacted file {output.FileId} only {moved} stand in checkpoint_ranges as planned.");
        }
    }

    private async Task<IReadOnlyList<RangeInFile>?> RangesAsync(
        NpgsqlConnection connection, CompactionFolders folders, CancellationToken ct)
    {
        var of = new { groupId, storageId, folder = folders.FinalPath(Guid.Empty).Replace($"{Guid.Empty}.parquet", "%", StringComparison.Ordinal) };
        bool isUnpublished = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select exists (select from checkpoint_files
                where group_id = @groupId and storage_id = @storageId and final_path like @folder and published_at is null)
            """,
            of, cancellationToken: ct));
        if (isUnpublished)
            return null;
        var ranges = await connection.QueryAsync<RangeInFile>(new CommandDefinition(
            """
            select r.file_id as FileId, r.topic as Topic, r.partition as Partition, r.incarnation as Incarnation,
                   r.start_offset as StartOffset, r.end_offset as EndOffset, r.row_count as RowCount
            from checkpoint_files f join checkpoint_ranges r on r.file_id = f.file_id
            where f.group_id = @groupId and f.storage_id = @storageId and f.final_path like @folder
            """,
            of, cancellationToken: ct));
        return ranges.AsList();
    }
}
