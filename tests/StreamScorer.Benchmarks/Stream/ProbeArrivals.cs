using Npgsql;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>When a probe came to be seen.</summary>
/// <param name="LeadId">The probe's lead.</param>
/// <param name="Row">The commit of its row in hot_leads.</param>
/// <param name="Checkpoint">The commit of the registration of its checkpoint; null while there is none.</param>
internal sealed record ProbeArrival(string LeadId, DateTime Row, DateTime? Checkpoint);

/// <summary>
/// Reads afterwards when the probes came to be seen, from the server's own commit timestamps (<c>track_commit_timestamp</c>).
/// Asking while the load runs would take from the processors that are measured, and see no more than its own interval.
/// </summary>
internal static class ProbeArrivals
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until all are registered, and reads their times.</summary>
    /// <exception cref="TimeoutException">Some did not arrive.</exception>
    public static async Task<IReadOnlyList<ProbeArrival>> WaitAsync(string connectionString, int probes)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromSeconds(1))
        {
            var arrived = await ReadAsync(dataSource);
            if (arrived.Count == probes && arrived.All(probe => probe.Checkpoint is not null))
                return arrived;
            if (waited >= Patience)
                throw new TimeoutException($"Of {probes} probes {arrived.Count} have a row, {arrived.Count(p => p.Checkpoint is not null)} a checkpoint.");
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<List<ProbeArrival>> ReadAsync(NpgsqlDataSource dataSource)
    {
        // A range is entered by its registration and never changed; the file's own row is changed when it is published.
        await using var command = dataSource.CreateCommand(
            """
            select h.lead_id, pg_xact_commit_timestamp(h.xmin), pg_xact_commit_timestamp(r.xmin)
            from hot_leads h
            left join checkpoint_ranges r on r.topic = h.source_topic and r.partition = h.source_partition
                 and h.source_offset >= r.start_offset and h.source_offset < r.end_offset
            where h.lead_id like 'probe-%'
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var arrived = new List<ProbeArrival>();
        while (await reader.ReadAsync())
        {
            arrived.Add(new ProbeArrival(
                reader.GetString(0), reader.GetDateTime(1), await reader.IsDBNullAsync(2) ? null : reader.GetDateTime(2)));
        }

        return arrived;
    }
}
