using Dapper;
using Npgsql;
using IsolationLevel = System.Data.IsolationLevel;

namespace StreamScorer.Sinks;

/// <summary>One partition that an operator moves.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="ToOffset">Where scoring goes on.</param>
public sealed record OffsetReset(string Topic, int Partition, long ToOffset);

/// <summary>What a reset did to one partition.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="Incarnation">The incarnation it began: offsets are scored anew under it.</param>
/// <param name="FromOffset">next_offset before; null where the partition had no progress.</param>
/// <param name="ToOffset">next_offset now.</param>
public sealed record AppliedReset(string Topic, int Partition, long Incarnation, long? FromOffset, long ToOffset);

/// <summary>
/// The database half of <c>offsets reset</c>, which moves the Kafka group with it and makes sure that no worker is a
/// member. What it replays or skips is on record, so that the audit takes it for intended.
/// </summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="groupId">The consumer group.</param>
/// <param name="clock">Source of the recorded time.</param>
public sealed class OffsetResets(NpgsqlDataSource dataSource, string groupId, TimeProvider clock)
{
    /// <summary>
    /// Moves next_offset of all these partitions, or of none. Raises owner_epoch, so that whatever a forgotten worker
    /// still holds is refused, and the incarnation, so that replayed events count as newer than what they were before.
    /// </summary>
    /// <param name="resets">The partitions, each at most once.</param>
    /// <param name="reason">For the record: why.</param>
    /// <param name="resetBy">For the record: who.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <returns>One answer for each partition, in (topic, partition) order.</returns>
    public async Task<IReadOnlyList<AppliedReset>> ApplyAsync(
        IReadOnlyList<OffsetReset> resets, string reason, string resetBy, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await connection.ExecuteAsync(new CommandDefinition(TransactionSettings.WaitForDisk, cancellationToken: ct));
        var applied = new List<AppliedReset>();
        foreach (var reset in resets.OrderBy(reset => reset.Topic, StringComparer.Ordinal).ThenBy(reset => reset.Partition))
            applied.Add(await ApplyAsync(connection, reset, reason, resetBy, ct));
        await transaction.CommitAsync(ct);
        return applied;
    }

    // A reset is rare and by hand: a statement for each partition reads better than arrays.
    private async Task<AppliedReset> ApplyAsync(
        NpgsqlConnection connection, OffsetReset reset, string reason, string resetBy, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var arguments = new { groupId, reset.Topic, reset.Partition, reset.ToOffset, reason, resetBy, now };
        long? from = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            """
            select next_offset from stream_progress
            where group_id = @groupId and topic = @Topic and partition = @Partition for update
            """,
            arguments, cancellationToken: ct));
        long incarnation = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            insert into stream_progress as p
                (group_id, topic, partition, initial_offset, next_offset, owner_epoch, incarnation, owner, taken_at)
            values (@groupId, @Topic, @Partition, @ToOffset, @ToOffset, 1, 1, @resetBy, @now)
            on conflict (group_id, topic, partition) do update
            set next_offset = excluded.next_offset, owner_epoch = p.owner_epoch + 1, incarnation = p.incarnation + 1,
                owner = excluded.owner, taken_at = excluded.taken_at
            returning incarnation
            """,
            arguments, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into offset_resets
                (group_id, topic, partition, incarnation, from_offset, to_offset, reason, reset_by, reset_at)
            values (@groupId, @Topic, @Partition, @incarnation, @from, @ToOffset, @reason, @resetBy, @now)
            """,
            new { groupId, reset.Topic, reset.Partition, incarnation, from, reset.ToOffset, reason, resetBy, now },
            cancellationToken: ct));
        return new AppliedReset(reset.Topic, reset.Partition, incarnation, from, reset.ToOffset);
    }
}
