using Npgsql;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>
/// Joins outcomes to the scores that were acted on, some time after they came in, so that the events before them are in
/// a published checkpoint. One worker of a group at a time.
/// </summary>
/// <param name="dataSource">Where outcomes and checkpoints are registered.</param>
/// <param name="store">The outcomes.</param>
/// <param name="archive">The scores.</param>
/// <param name="options">When to look, and how far back.</param>
/// <param name="clock">Tells which outcomes are ripe.</param>
public sealed class OutcomeMatching(
    NpgsqlDataSource dataSource, OutcomeStore store, ScoreArchive archive, OutcomeOptions options, TimeProvider clock)
{
    // An outcome whose lead no checkpoint knows is asked for this long: its event may still wait in a backlog.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private const int MostAtOnce = 100_000;

    // Any number will do as long as nothing else in the database locks it: "outcomes" in ASCII.
    private const long LockKey = 0x6f_75_74_63_6f_6d_65_73;

    /// <summary>Looks for the scores of all ripe outcomes.</summary>
    /// <returns>Outcomes whose score was found; null when another worker is at it.</returns>
    public async Task<int?> RunAsync(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var command = new NpgsqlCommand("select pg_try_advisory_xact_lock($1)", connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey });
            if (await command.ExecuteScalarAsync(ct) is not true)
                return null;
        }

        var total = 0;
        while (true)
        {
            var (found, left) = await RunOnceAsync(ct);
            total += found;
            if (!left)
                return total;
        }
    }

    private async Task<(int Found, bool Left)> RunOnceAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var open = await store.OpenAsync(now - options.SettleDelay, MostAtOnce, ct);
        if (open.Count == 0)
            return (0, false);

        // The newest file is read before anything is searched: what is registered meanwhile waits for the next round.
        var since = open.Any(outcome => outcome.SearchedThrough is null)
            ? now - options.Horizon
            : new DateTimeOffset(open.Min(outcome => outcome.SearchedThrough!.Value), TimeSpan.Zero);
        var files = await archive.FilesAsync(since, ct);
        var searchedThrough = files.Count > 0 ? new DateTimeOffset(files[0].RegisteredAt, TimeSpan.Zero) : since;
        var found = await BlockingCall.RunAsync(() => archive.Search(files, open, ct), ct);
        var leads = found.Select(score => score.LeadId).ToHashSet(StringComparer.Ordinal);
        await store.EnterSearchAsync(
            found, [.. open.Where(outcome => !leads.Contains(outcome.LeadId))], searchedThrough, now - Patience, ct);
        return (found.Count, open.Count == MostAtOnce && found.Count > 0);
    }
}
