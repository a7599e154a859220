using Confluent.Kafka;
using Dapper;
using Npgsql;
using IsolationLevel = System.Data.IsolationLevel;

namespace StreamScorer.Sinks;

/// <summary>
/// The group's progress and checkpoint register in PostgreSQL: the delivery protocol's steps Take and Register and the
/// mark behind Publish. Every method is one attempt in one transaction; whether a failure is worth another attempt is
/// for <see cref="SinkErrors"/> to say and for the caller to do. Safe for concurrent use.
/// </summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="groupId">The consumer group that the progress belongs to.</param>
/// <param name="storageId">The archive root's identity (<see cref="CheckpointFolder.OpenStorage"/>).</param>
/// <param name="clock">Source of the times that are kept for people.</param>
public sealed partial class ProgressLedger(NpgsqlDataSource dataSource, string groupId, Guid storageId, TimeProvider clock)
    : IProgressLedger
{
    /// <summary>The consumer group that the progress belongs to.</summary>
    public string GroupId => groupId;

    /// <summary>The archive root's identity.</summary>
    public Guid StorageId => storageId;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>next_offset by partition, of one topic or (null) of all. Raises nothing and locks nothing.</summary>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> ReadProgressAsync(string? topic, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<(string Topic, int Partition, long NextOffset)>(new CommandDefinition(
            """
            select topic, partition, next_offset from stream_progress
            where group_id = @groupId and (@topic::text is null or topic = @topic)
            """,
            new { groupId, topic }, cancellationToken: ct));
        return rows.ToDictionary(row => new TopicPartition(row.Topic, row.Partition), row => row.NextOffset);
    }

    /// <summary>
    /// Take: raises the owner_epoch of every requested partition by one, in one transaction, and reads next_offset. A
    /// partition without progress starts at the request's initial offset with epoch 1. After an unknown outcome, take
    /// again: an epoch that nobody holds does no harm.
    /// </summary>
    /// <param name="requests">The partitions, each at most once.</param>
    /// <param name="owner">The worker's name, for people who look at the table.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <returns>One answer for each request, in (topic, partition) order.</returns>
    public async Task<IReadOnlyList<TakenPartition>> TakeAsync(
        IReadOnlyList<TakeRequest> requests, string owner, CancellationToken ct)
    {
        // One statement over rows in lock order. A row that another worker is raising is waited for, then raised again.
        const string Sql =
            """
            with taken as (
                insert into stream_progress as p
                    (group_id, topic, partition, initial_offset, next_offset, owner_epoch, owner, taken_at)
                select @groupId, r.topic, r.partition, r.initial_offset, r.initial_offset, 1, @owner, @now
                from unnest(@topics, @partitions, @initialOffsets) as r(topic, partition, initial_offset)
                on conflict (group_id, topic, partition) do update
                set owner_epoch = p.owner_epoch + 1, owner = excluded.owner, taken_at = excluded.taken_at
                returning topic, partition, owner_epoch, next_offset
            ), witnessed as (
                insert into take_witnesses (group_id, topic, partition, owner_epoch)
                select @groupId, topic, partition, owner_epoch from taken
                on conflict (group_id, topic, partition) do update set owner_epoch = excluded.owner_epoch
            )
            select topic as Topic, partition as Partition, owner_epoch as OwnerEpoch, next_offset as NextOffset from taken
            """;
        var ordered = requests.ToList();
        ordered.Sort((a, b) => PartitionOrder.Compare(a.Topic, a.Partition, b.Topic, b.Partition));
        var arguments = new
        {
            groupId,
            owner,
            now = Now,
            topics = ordered.Select(request => request.Topic).ToArray(),
            partitions = ordered.Select(request => request.Partition).ToArray(),
            initialOffsets = ordered.Select(request => request.InitialOffset).ToArray(),
        };

        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await connection.ExecuteAsync(new CommandDefinition(TransactionSettings.WaitForDisk, cancellationToken: ct));
        var rows = await connection.QueryAsync<TakenPartition>(new CommandDefinition(Sql, arguments, cancellationToken: ct));
        await transaction.CommitAsync(ct);

        var taken = rows.AsList();
        taken.Sort((a, b) => PartitionOrder.Compare(a.Topic, a.Partition, b.Topic, b.Partition));
        return taken;
    }
}
