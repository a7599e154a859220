using Dapper;
using Npgsql;

namespace StreamScorer.App.Offsets;

/// <summary>A row of stream_progress as people see it.</summary>
/// <param name="Partition">Partition number.</param>
/// <param name="NextOffset">First offset that no registered checkpoint covers.</param>
/// <param name="OwnerEpoch">Raised by every taking.</param>
/// <param name="Incarnation">How many times the partition was reset.</param>
/// <param name="Owner">The worker that took it last.</param>
/// <param name="TakenAt">When, UTC.</param>
internal sealed record ProgressRow(int Partition, long NextOffset, long OwnerEpoch, long Incarnation, string Owner, DateTime TakenAt)
{
    /// <summary>The group's progress on a topic by partition; null when no worker has made the tables yet.</summary>
    public static async Task<IReadOnlyDictionary<int, ProgressRow>?> ReadAsync(
        NpgsqlDataSource dataSource, string groupId, string topic, CancellationToken ct)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct);
            var rows = await connection.QueryAsync<ProgressRow>(new CommandDefinition(
                """
                select partition as Partition, next_offset as NextOffset, owner_epoch as OwnerEpoch, incarnation as Incarnation,
                       owner as Owner, taken_at as TakenAt
                from stream_progress where group_id = @groupId and topic = @topic
                """, new { groupId, topic }, cancellationToken: ct));
            return rows.ToDictionary(row => row.Partition);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
    }
}
