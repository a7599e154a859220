using Confluent.Kafka;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using IsolationLevel = System.Data.IsolationLevel;

namespace StreamScorer.Sinks;

// Step 5 of the delivery protocol: Register, and its small sister that passes over offsets the topic no longer has.
public sealed partial class ProgressLedger
{
    /// <summary>
    /// Register: moves next_offset of every partition of the checkpoint from start to end and enters the file, or
    /// changes nothing at all. An exception, cancellation included, leaves the outcome unknown: ask again with the same
    /// file id until there is an answer, and keep the staged file until then.
    /// </summary>
    /// <exception cref="ArgumentException">The checkpoint has no ranges, an empty one, or a partition twice.</exception>
    public async Task<RegistrationResult> RegisterAsync(StagedCheckpoint checkpoint, CancellationToken ct)
    {
        Check(checkpoint);
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var ranges = checkpoint.Ranges;
        var partitions = ranges.Select(range => new TopicPartition(range.Topic, range.Partition));
        var locked = await LockForUpdateAsync(connection, partitions, ct);

        // Looked up after the locks and in a statement of its own, whose snapshot is taken now: an earlier attempt whose
        // COMMIT was under way held these locks, so its outcome is visible, whichever it is.
        if (await IsRegisteredAsync(connection, checkpoint.FileId, ct))
            return RegistrationResult.Already;

        var witnessed = await WitnessedAsync(connection, ranges, ct);
        var refused = ranges.Where(range => !Matches(locked, range.Topic, range.Partition, range.OwnerEpoch, range.StartOffset)
                || !witnessed.Contains(new TopicPartition(range.Topic, range.Partition)))
            .Select(range => new TopicPartition(range.Topic, range.Partition)).ToList();
        if (refused.Count > 0)
            return RegistrationResult.Refused(refused);

        await EnterAsync(connection, checkpoint, locked, ct);
        await transaction.CommitAsync(ct);
        return RegistrationResult.Done;
    }

    /// <summary>
    /// Moves next_offset over offsets that the topic no longer has and records them, so that the audit tells them from
    /// loss. Outcomes and unknown outcomes as in <see cref="RegisterAsync"/>. Whatever the worker holds of the partition
    /// must be registered before: progress moves past it.
    /// </summary>
    /// <param name="owner">The partition and the epoch it was taken with.</param>
    /// <param name="startOffset">First missing offset, the partition's next_offset.</param>
    /// <param name="endOffset">First offset that the topic still has, above <paramref name="startOffset"/>.</param>
    /// <param name="reason">Why the offsets are gone.</param>
    /// <param name="ct">Cancels the attempt.</param>
    public async Task<RegistrationOutcome> RecordGapAsync(
        PartitionEpoch owner, long startOffset, long endOffset, GapReason reason, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(endOffset, startOffset);
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var partition = new TopicPartition(owner.Topic, owner.Partition);
        var locked = await LockForUpdateAsync(connection, [partition], ct);
        if (!locked.TryGetValue(partition, out var progress))
            return RegistrationOutcome.Refused;

        if (!Matches(locked, owner.Topic, owner.Partition, owner.OwnerEpoch, startOffset))
        {
            return await IsGapRecordedAsync(connection, progress, startOffset, endOffset, ct)
                ? RegistrationOutcome.Already
                : RegistrationOutcome.Refused;
        }

        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                MoveCommand([partition], [endOffset]),
                Statement(
                    """
                    insert into offset_gaps
                        (group_id, topic, partition, incarnation, start_offset, end_offset, reason, recorded_at)
                    values ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    groupId, owner.Topic, owner.Partition, progress.Incarnation, startOffset, endOffset,
                    reason.ToString().ToLowerInvariant(), Now),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return RegistrationOutcome.Done;
    }

    private static void Check(StagedCheckpoint checkpoint)
    {
        var seen = new HashSet<TopicPartition>();
        foreach (var range in checkpoint.Ranges)
        {
            if (range.EndOffset <= range.StartOffset)
                throw new ArgumentException($"The range of {range.Topic} [{range.Partition}] is empty.", nameof(checkpoint));
            if (!seen.Add(new TopicPartition(range.Topic, range.Partition)))
                throw new ArgumentException($"{range.Topic} [{range.Partition}] has two ranges.", nameof(checkpoint));
        }

        if (seen.Count == 0)
            throw new ArgumentException($"Checkpoint {checkpoint.FileId} has no ranges.", nameof(checkpoint));
    }

    private static bool Matches(
        Dictionary<TopicPartition, LockedProgress> locked, string topic, int partition, long ownerEpoch, long startOffset) =>
        locked.TryGetValue(new TopicPartition(topic, partition), out var progress)
        && progress.OwnerEpoch == ownerEpoch
        && progress.NextOffset == startOffset;

    private async Task<Dictionary<TopicPartition, LockedProgress>> LockForUpdateAsync(
        NpgsqlConnection connection, IEnumerable<TopicPartition> partitions, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(TransactionSettings.WaitForDisk),
                ProgressLock.Command(ProgressLock.ForUpdate, groupId, partitions),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        return await ProgressLock.ReadAsync(reader, ct);
    }

    private async Task EnterAsync(
        NpgsqlConnection connection,
        StagedCheckpoint checkpoint,
        Dictionary<TopicPartition, LockedProgress> locked,
        CancellationToken ct)
    {
        var ranges = checkpoint.Ranges;
        var partitions = ranges.Select(range => new TopicPartition(range.Topic, range.Partition)).ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                MoveCommand(partitions, [.. ranges.Select(range => range.EndOffset)]),
                Statement(
                    """
                    insert into checkpoint_files
                        (file_id, group_id, storage_id, staged_path, final_path, row_count, registered_at, published_at)
                    values ($1, $2, $3, $4, $5, $6, $7, case when $5 is null then $7 end)
                    """,
                    checkpoint.FileId, groupId, storageId, checkpoint.StagedPath, checkpoint.FinalPath, checkpoint.RowCount, Now),
                Statement(
                    """
                    insert into checkpoint_ranges
                        (file_id, group_id, topic, partition, incarnation, owner_epoch, start_offset, end_offset, row_count)
                    select $1, $2, r.*
                    from unnest($3::text[], $4::integer[], $5::bigint[], $6::bigint[],
                                $7::bigint[], $8::bigint[], $9::bigint[]) as r
                    """,
                    checkpoint.FileId, groupId,
                    ranges.Select(range => range.Topic).ToArray(),
                    ranges.Select(range => range.Partition).ToArray(),
                    partitions.Select(partition => locked[partition].Incarnation).ToArray(),
                    ranges.Select(range => range.OwnerEpoch).ToArray(),
                    ranges.Select(range => range.StartOffset).ToArray(),
                    ranges.Select(range => range.EndOffset).ToArray(),
                    ranges.Select(range => range.RowCount).ToArray()),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlBatchCommand MoveCommand(TopicPartition[] partitions, long[] nextOffsets) => Statement(
        """
        update stream_progress p set next_offset = m.next_offset
        from unnest($2::text[], $3::integer[], $4::bigint[]) as m(topic, partition, next_offset)
        where p.group_id = $1 and p.topic = m.topic and p.partition = m.partition
        """,
        groupId,
        partitions.Select(partition => partition.Topic).ToArray(),
        partitions.Select(partition => partition.Partition.Value).ToArray(),
        nextOffsets);

    private static async Task<bool> IsRegisteredAsync(NpgsqlConnection connection, Guid fileId, CancellationToken ct)
    {
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from checkpoint_files where file_id = @fileId)", new { fileId }, cancellationToken: ct));
    }

    /// <summary>
    /// The partitions whose taking the server still remembers. It forgets them in the crash that may have taken hot leads
    /// of these offsets, too (<see cref="TransactionSettings.DoNotWaitForDisk"/>): registering would make that final.
    /// </summary>
    private async Task<HashSet<TopicPartition>> WitnessedAsync(
        NpgsqlConnection connection, IReadOnlyList<PartitionRange> ranges, CancellationToken ct)
    {
        var rows = await connection.QueryAsync<(string Topic, int Partition)>(new CommandDefinition(
            """
            select w.topic, w.partition from take_witnesses w
            join unnest(@topics, @partitions, @ownerEpochs) as r(topic, partition, owner_epoch)
              on r.topic = w.topic and r.partition = w.partition and r.owner_epoch = w.owner_epoch
            where w.group_id = @groupId
            """,
            new
            {
                groupId,
                topics = ranges.Select(range => range.Topic).ToArray(),
                partitions = ranges.Select(range => range.Partition).ToArray(),
                ownerEpochs = ranges.Select(range => range.OwnerEpoch).ToArray(),
            },
            cancellationToken: ct));
        return [.. rows.Select(row => new TopicPartition(row.Topic, row.Partition))];
    }

    private async Task<bool> IsGapRecordedAsync(
        NpgsqlConnection connection, LockedProgress progress, long startOffset, long endOffset, CancellationToken ct)
    {
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select exists (
                select from offset_gaps
                where group_id = @groupId and topic = @Topic and partition = @Partition and incarnation = @Incarnation
                  and start_offset = @startOffset and end_offset = @endOffset)
            """,
            new { groupId, progress.Topic, progress.Partition, progress.Incarnation, startOffset, endOffset },
            cancellationToken: ct));
    }

    private static NpgsqlBatchCommand Statement(string sql, params ReadOnlySpan<object?> arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (object? argument in arguments)
        {
            // Only paths are ever null.
            command.Parameters.Add(argument is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }
                : new NpgsqlParameter { Value = argument });
        }

        return command;
    }
}

/// <summary>Why offsets were passed over.</summary>
public enum GapReason
{
    /// <summary>The topic's retention deleted them before they were read.</summary>
    Retention,
}
