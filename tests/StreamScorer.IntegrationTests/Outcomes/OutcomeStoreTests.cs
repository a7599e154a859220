using StreamScorer.IntegrationTests.Sinks;
using StreamScorer.Telemetry.Outcomes;
using Xunit;

namespace StreamScorer.IntegrationTests.Outcomes;

/// <summary>The table of outcomes on a real PostgreSQL.</summary>
public class OutcomeStoreTests
{
    private static readonly DateTimeOffset Then = new(2026, 5, 1, 10, 0, 0, TimeSpan.Zero);

    [RequiresServicesFact]
    public async Task Recording_twice_changes_nothing_and_an_older_outcome_never_wins()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var store = new OutcomeStore(database.DataSource, TimeProvider.System);
        var batch = Batch(new LeadOutcome("a", true, Then), new LeadOutcome("b", false, Then));
        Assert.Equal(2, await store.RecordAsync(batch, default));
        Assert.Equal(0, await store.RecordAsync(batch, default));
        Assert.Equal(0, await store.RecordAsync(Batch(new LeadOutcome("a", false, Then.AddHours(-1))), default));
        Assert.Equal(1, await store.RecordAsync(Batch(new LeadOutcome("a", false, Then.AddHours(1))), default));
        Assert.False(await database.ScalarAsync<bool>("select converted from lead_outcomes where lead_id = 'a'"));
    }

    [RequiresServicesFact]
    public async Task A_later_outcome_is_matched_anew_and_a_deleted_one_is_gone()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var store = new OutcomeStore(database.DataSource, TimeProvider.System);
        await store.RecordAsync(Batch(new LeadOutcome("a", true, Then), new LeadOutcome("b", true, Then)), default);
        var score = new ActedOnScore("a", 0.75, 4, "B", "m", "id", 1_000_000, "events", 0, 7);
        await store.EnterSearchAsync([score], [], Then, Then, default);
        Assert.Equal(["b"], (await store.OpenAsync(TimeProvider.System.GetUtcNow(), 10, default)).Select(open => open.LeadId));
        Assert.Equal((0.75, 4, true), (await store.ScoredAsync(Then.AddDays(-1), default)).Select(o => (o.Probability, o.Bucket, o.Converted)).Single());

        await store.RecordAsync(Batch(new LeadOutcome("a", false, Then.AddHours(1))), default);
        Assert.Equal(2, (await store.OpenAsync(TimeProvider.System.GetUtcNow(), 10, default)).Count);
        Assert.Empty(await store.ScoredAsync(Then.AddDays(-1), default));

        var delete = new OutcomeBatch();
        delete.Delete("a");
        delete.Delete("b");
        await store.RecordAsync(delete, default);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from lead_outcomes"));
    }

    [RequiresServicesFact]
    public async Task What_is_no_outcome_is_kept_once_byte_for_byte()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var store = new OutcomeStore(database.DataSource, TimeProvider.System);
        var batch = new OutcomeBatch();
        batch.Reject(new RejectedOutcome("lead-outcomes", 0, 9, "The value is not JSON.", null, [0xff, 0, 1]));
        await store.RecordAsync(batch, default);
        await store.RecordAsync(batch, default);
        Assert.Equal([0xff, 0, 1], await database.ScalarAsync<byte[]>("select record_value from rejected_outcomes"));
        Assert.Equal(1, (await store.CountAsync(Then, default)).Rejected);
    }

    private static OutcomeBatch Batch(params LeadOutcome[] outcomes)
    {
        var batch = new OutcomeBatch();
        foreach (var outcome in outcomes)
            batch.Add(outcome);
        return batch;
    }
}
