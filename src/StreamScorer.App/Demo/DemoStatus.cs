using Confluent.Kafka;
using Dapper;
using Npgsql;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Demo;

/// <summary>One hot lead as the demo shows it.</summary>
internal sealed record DemoLead(string LeadId, double Probability, string Tier, string? Reasons, string? City, string? Source);

/// <summary>Where the demo stands, read from PostgreSQL; not from the worker's own counters.</summary>
/// <param name="Progress">Sum of next_offset over the partitions: events that are in registered checkpoints.</param>
/// <param name="HotLeads">Current hot leads.</param>
/// <param name="Checkpoints">Registered checkpoint files with rows.</param>
/// <param name="Top">The hottest leads.</param>
internal sealed record DemoStatus(long Progress, long HotLeads, long Checkpoints, IReadOnlyList<DemoLead> Top)
{
    /// <summary>Nothing yet.</summary>
    public static readonly DemoStatus Empty = new(0, 0, 0, []);

    /// <summary>Reads the state; the empty one while the worker has not made its tables yet.</summary>
    public static async Task<DemoStatus> ReadAsync(NpgsqlDataSource dataSource, string groupId, string topic, int top, CancellationToken ct)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
            var progress = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT coalesce(sum(next_offset), 0)::bigint FROM stream_progress WHERE group_id = @groupId AND topic = @topic",
                new { groupId, topic }, cancellationToken: ct)).ConfigureAwait(false);
            var hot = await connection.ExecuteScalarAsync<long>(
                new CommandDefinition("SELECT count(*) FROM hot_leads_current", cancellationToken: ct)).ConfigureAwait(false);
            var checkpoints = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT count(*) FROM checkpoint_files WHERE group_id = @groupId AND final_path IS NOT NULL",
                new { groupId }, cancellationToken: ct)).ConfigureAwait(false);
            var leads = await connection.QueryAsync<DemoLead>(new CommandDefinition(
                """
                SELECT lead_id AS LeadId, probability AS Probability, tier::text AS Tier, reasons::text AS Reasons,
                       features->>'city' AS City, features->>'referralSource' AS Source
                FROM hot_leads_current ORDER BY probability DESC, lead_id LIMIT @top
                """,
                new { top }, cancellationToken: ct)).ConfigureAwait(false);
            return new DemoStatus(progress, hot, checkpoints, leads.ToList());
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable)
        {
            return Empty;
        }
    }

    /// <summary>Sum of the end offsets of the topic's partitions: events that are on the topic.</summary>
    public static long EndOffsets(KafkaAddress kafka, string topic)
    {
        using var client = new ConsumerBuilder<Ignore, Ignore>(kafka.Apply(new ConsumerConfig { GroupId = "demo-status", EnableAutoCommit = false }))
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions;
        return partitions.Sum(partition =>
            client.QueryWatermarkOffsets(new TopicPartition(topic, partition.PartitionId), TimeSpan.FromSeconds(10)).High.Value);
    }
}
