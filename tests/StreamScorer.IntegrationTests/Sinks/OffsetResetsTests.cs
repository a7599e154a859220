using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>The database half of <c>offsets reset</c>.</summary>
public sealed class OffsetResetsTests
{
    [RequiresServicesFact]
    public async Task A_reset_moves_progress_on_record_and_refuses_whoever_held_the_partition()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((taken[0], 0, 10)), default);
        var resets = new OffsetResets(db.DataSource, SinkDatabase.Group, TimeProvider.System);
        OffsetReset[] wanted = [new OffsetReset(SinkDatabase.Topic, 1, 30), new OffsetReset(SinkDatabase.Topic, 0, 4)];
        var applied = await resets.ApplyAsync(wanted, "new model", "anna", default);
        Assert.Equal(
            [new AppliedReset(SinkDatabase.Topic, 0, 1, 10, 4), new AppliedReset(SinkDatabase.Topic, 1, 1, null, 30)], applied);
        Assert.Equal(4, await db.NextOffsetAsync());
        Assert.Equal("new model", await db.ScalarAsync<string>("select reason from offset_resets where partition = 0"));

        var zombie = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((taken[0], 4, 8)), default);
        Assert.Equal(RegistrationOutcome.Refused, zombie.Outcome);
    }

    // Mutation: ranges keyed without the incarnation: the intended replay could never be registered.
    [RequiresServicesFact]
    public async Task After_a_reset_to_the_start_the_same_range_can_be_registered_again()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((taken[0], 0, 10)), default);
        await new OffsetResets(db.DataSource, SinkDatabase.Group, TimeProvider.System)
            .ApplyAsync([new OffsetReset(SinkDatabase.Topic, 0, 0)], "replay", "anna", default);
        var again = await db.TakeAsync();
        var result = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((again[0], 0, 10)), default);
        Assert.Equal(RegistrationOutcome.Done, result.Outcome);
        Assert.Equal(
            "0,1",
            await db.ScalarAsync<string>("select string_agg(incarnation::text, ',' order by incarnation) from checkpoint_ranges"));
    }
}
