using Dapper;
using Npgsql;

namespace StreamScorer.Sinks;

/// <summary>Position of an event on its topic.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="Offset">Offset within the partition.</param>
public readonly record struct EventPosition(string Topic, int Partition, long Offset)
{
    /// <summary>As people write it: <c>topic[partition]@offset</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Topic}[{Partition}]@{Offset}");
}

/// <summary>Whether a bad event may be published again.</summary>
public enum RetryPermission
{
    /// <summary>It may, and is now marked: the caller publishes it and reports with <see cref="DeadLetterRetries.EndAsync"/>.</summary>
    Granted,

    /// <summary>It was published again before.</summary>
    AlreadyRetried,

    /// <summary>An earlier retry did not come to its end: the event may or may not have been published again.</summary>
    OutcomeUnknown,

    /// <summary>It is itself such a retry, which failed again.</summary>
    IsRetry,
}

/// <summary>
/// Marks which bad events were published again, so that each is retried once: marked before it is published, with the
/// new position behind it afterwards.
/// </summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="clock">Source of the recorded time.</param>
public sealed class DeadLetterRetries(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>Asks for the permission to publish an event again, and marks it when granted.</summary>
    /// <param name="source">Where the bad event stands.</param>
    /// <param name="retriedBy">For the record: who.</param>
    /// <param name="again">Grants it whatever happened before.</param>
    /// <param name="ct">Cancels the attempt.</param>
    public async Task<RetryPermission> BeginAsync(EventPosition source, string retriedBy, bool again, CancellationToken ct)
    {
        var arguments = new { source.Topic, source.Partition, source.Offset, retriedBy, now = clock.GetUtcNow().UtcDateTime };
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        if (!again && await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select exists (select from dead_letter_retries
                           where source_topic = @Topic and published_partition = @Partition and published_offset = @Offset)
            """, arguments, cancellationToken: ct)))
            return RetryPermission.IsRetry;

        var marked = await connection.ExecuteAsync(new CommandDefinition(
            $"""
            insert into dead_letter_retries (source_topic, source_partition, source_offset, retried_by, began_at)
            values (@Topic, @Partition, @Offset, @retriedBy, @now)
            on conflict (source_topic, source_partition, source_offset) do {(again
                ? "update set retried_by = @retriedBy, began_at = @now, published_partition = null, published_offset = null"
                : "nothing")}
            """, arguments, cancellationToken: ct));
        if (marked > 0)
            return RetryPermission.Granted;
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select published_offset is not null from dead_letter_retries
            where source_topic = @Topic and source_partition = @Partition and source_offset = @Offset
            """, arguments, cancellationToken: ct)) ? RetryPermission.AlreadyRetried : RetryPermission.OutcomeUnknown;
    }

    /// <summary>Notes where the event stands now.</summary>
    public async Task EndAsync(EventPosition source, int partition, long offset, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update dead_letter_retries set published_partition = @newPartition, published_offset = @newOffset
            where source_topic = @Topic and source_partition = @Partition and source_offset = @Offset
            """,
            new { source.Topic, source.Partition, source.Offset, newPartition = partition, newOffset = offset }, cancellationToken: ct));
    }

    /// <summary>Takes the mark back: the event was certainly not published.</summary>
    public async Task AbandonAsync(EventPosition source, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            delete from dead_letter_retries
            where source_topic = @Topic and source_partition = @Partition and source_offset = @Offset and published_offset is null
            """, new { source.Topic, source.Partition, source.Offset }, cancellationToken: ct));
    }

    /// <summary>What was published again, for lists: from where, and where it stands now.</summary>
    public async Task<IReadOnlyList<RetriedEvent>> ReadAsync(string topic, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<(int Partition, long Offset, int? NewPartition, long? NewOffset)>(new CommandDefinition(
            """
            select source_partition, source_offset, published_partition, published_offset
            from dead_letter_retries where source_topic = @topic
            """, new { topic }, cancellationToken: ct));
        return [.. rows.Select(row => new RetriedEvent(
            new EventPosition(topic, row.Partition, row.Offset),
            row.NewOffset is { } offset ? new EventPosition(topic, row.NewPartition!.Value, offset) : null))];
    }
}

/// <summary>An event that was published again.</summary>
/// <param name="Source">Where it stood.</param>
/// <param name="Published">Where it stands now; null where that is not known.</param>
public sealed record RetriedEvent(EventPosition Source, EventPosition? Published);
