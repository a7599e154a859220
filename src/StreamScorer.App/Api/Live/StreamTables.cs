using Dapper;
using Npgsql;

namespace StreamScorer.App.Api.Live;

/// <summary>A partition of the group, whoever has it.</summary>
internal sealed record PartitionStatus(int Partition, string Owner, long NextOffset)
{
    /// <summary>Records behind its end; null where another worker has it.</summary>
    public long? Lag { get; init; }

    /// <summary>Whether this worker has it.</summary>
    public bool IsMine { get; init; }
}

/// <summary>A registered checkpoint.</summary>
internal sealed record CheckpointStatus(DateTime RegisteredAt, long Rows, long Partitions, bool IsPublished, string? File);

/// <summary>The group's partitions and latest checkpoints, as the ledger has them: of every worker.</summary>
internal sealed record StreamTables(IReadOnlyList<PartitionStatus> Partitions, IReadOnlyList<CheckpointStatus> Checkpoints)
{
    private const int LatestCheckpoints = 8;

    /// <summary>Nothing known.</summary>
    public static readonly StreamTables Empty = new([], []);

    /// <summary>Reads them.</summary>
    public static async Task<StreamTables> ReadAsync(NpgsqlConnection connection, string groupId, string topic, CancellationToken ct)
    {
        await using var both = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            select partition as Partition, owner as Owner, next_offset as NextOffset
            from stream_progress where group_id = @groupId and topic = @topic order by partition;

            select registered_at as RegisteredAt, row_count as Rows,
                   (select count(*) from checkpoint_ranges r where r.file_id = f.file_id) as Partitions,
                   published_at is not null as IsPublished, final_path as File
            from checkpoint_files f where group_id = @groupId order by registered_at desc limit @LatestCheckpoints;
            """, new { groupId, topic, LatestCheckpoints }, cancellationToken: ct)).ConfigureAwait(false);
        return new StreamTables(
            (await both.ReadAsync<PartitionStatus>().ConfigureAwait(false)).AsList(),
            (await both.ReadAsync<CheckpointStatus>().ConfigureAwait(false)).AsList());
    }
}
