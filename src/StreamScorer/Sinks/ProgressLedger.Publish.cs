using Dapper;

namespace StreamScorer.Sinks;

// What publication, settlement and sweep ask of the register (step 6 of the delivery protocol).
public sealed partial class ProgressLedger
{
    /// <summary>
    /// Enters the archive root, once at start, before anything is registered.
    /// </summary>
    /// <param name="root">The folder's path as this worker sees it, for people.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <returns>The group's other archive roots: right with a disk per worker, a sign of a wrong folder otherwise.</returns>
    /// <exception cref="InvalidOperationException">The folder belongs to another consumer group.</exception>
    public async Task<IReadOnlyList<string>> EnterStorageAsync(string root, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        string owner = await connection.QuerySingleAsync<string>(new CommandDefinition(
            """
            insert into archive_roots as a (storage_id, group_id, root, first_used_at, last_used_at)
            values (@storageId, @groupId, @root, @now, @now)
            on conflict (storage_id) do update
            set root = case when a.group_id = excluded.group_id then excluded.root else a.root end,
                last_used_at = case when a.group_id = excluded.group_id then excluded.last_used_at else a.last_used_at end
            returning group_id
            """,
            new { storageId, groupId, root, now = Now }, cancellationToken: ct));
        if (owner != groupId)
        {
            throw new InvalidOperationException(
                $"The checkpoint folder {root} belongs to consumer group '{owner}', and this worker to '{groupId}'. "
                + "Readers could not tell the groups' rows apart: give each group its own Checkpoint:Folder.");
        }

        var others = await connection.QueryAsync<string>(new CommandDefinition(
            "select root from archive_roots where group_id = @groupId and storage_id <> @storageId order by first_used_at",
            new { groupId, storageId }, cancellationToken: ct));
        return others.AsList();
    }

    /// <summary>Registered, unpublished files of this storage, oldest first.</summary>
    public async Task<IReadOnlyList<UnpublishedFile>> UnpublishedAsync(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var files = await connection.QueryAsync<UnpublishedFile>(new CommandDefinition(
            """
            select file_id as FileId, staged_path as StagedPath, final_path as FinalPath
            from checkpoint_files
            where storage_id = @storageId and group_id = @groupId and published_at is null
            order by registered_at, file_id
            """,
            new { storageId, groupId }, cancellationToken: ct));
        return files.AsList();
    }

    /// <summary>Sets published_at, once the final name is durable. Repeating it keeps the first time.</summary>
    public async Task MarkPublishedAsync(Guid fileId, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition(
            "update checkpoint_files set published_at = @now where file_id = @fileId and published_at is null",
            new { fileId, now = Now }, cancellationToken: ct));
    }

    /// <summary>
    /// Of these staged files, the ones that can never be registered and the ones whose sidecar alone is left over. One
    /// statement, so one snapshot: a file registered between two looks would be swept otherwise.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> SweepableAsync(IReadOnlyList<StagedFile> stagedFiles, CancellationToken ct)
    {
        const string Sql =
            """
            select distinct s.file_id
            from unnest(@fileIds, @topics, @partitions, @ownerEpochs) as s(file_id, topic, partition, owner_epoch)
            join stream_progress p on p.group_id = @groupId and p.topic = s.topic and p.partition = s.partition
            where p.owner_epoch > s.owner_epoch
              and not exists (select from checkpoint_files f where f.file_id = s.file_id)
            """;
        var written = stagedFiles.Where(file => file.GroupId == groupId)
            .SelectMany(file => file.Partitions.Select(partition => (file.FileId, partition))).ToList();
        var arguments = new
        {
            groupId,
            fileIds = written.Select(row => row.FileId).ToArray(),
            topics = written.Select(row => row.partition.Topic).ToArray(),
            partitions = written.Select(row => row.partition.Partition).ToArray(),
            ownerEpochs = written.Select(row => row.partition.OwnerEpoch).ToArray(),
        };
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(Sql, arguments, cancellationToken: ct))).AsList();
    }

    /// <summary>Of these files, the ones that are marked published.</summary>
    public async Task<IReadOnlyList<Guid>> PublishedAsync(IReadOnlyList<Guid> fileIds, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var published = await connection.QueryAsync<Guid>(new CommandDefinition(
            "select file_id from checkpoint_files where file_id = any(@fileIds) and published_at is not null",
            new { fileIds = fileIds.ToArray() }, cancellationToken: ct));
        return published.AsList();
    }
}
