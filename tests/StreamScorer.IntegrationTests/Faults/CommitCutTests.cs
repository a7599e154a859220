using Npgsql;
using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Sinks;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>
/// The connection breaks during the COMMIT of a registration, through a proxy that loses the COMMIT, its answer, or
/// delivers it late; scenarios 55 and 67 of the reliability table.
/// </summary>
public class CommitCutTests
{
    [RequiresServicesTheory]
    [InlineData(CommitFate.NotApplied, RegistrationOutcome.Done)]
    [InlineData(CommitFate.Applied, RegistrationOutcome.Already)]
    [InlineData(CommitFate.AppliedLate, RegistrationOutcome.Already)]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(67, Means.RealDatabase, "COMMIT lost, answered into the void, or applied late: the same file id is asked again and known")]
    internal async Task An_unknown_outcome_is_asked_again_until_it_is_known(CommitFate fate, RegistrationOutcome known)
    {
        await using var database = await SinkDatabase.CreateAsync();
        var owner = (await database.TakeAsync())[0];
        var checkpoint = SinkDatabase.Checkpoint((owner, 0, 10));
        var cut = new CommitCut();
        await using var proxy = ProxiedPostgres.Start(database.ConnectionString, cut.For);
        await using var dataSource = NpgsqlDataSource.Create(ProxiedPostgres.Through(proxy, database.ConnectionString));
        var ledger = new ProgressLedger(dataSource, SinkDatabase.Group, database.StorageId, TimeProvider.System);
        cut.Arm(fate);

        var broken = await Assert.ThrowsAnyAsync<Exception>(() => ledger.RegisterAsync(checkpoint, default));
        Assert.True(SinkErrors.IsTransient(broken), broken.ToString());
        Assert.Equal(1, cut.Cuts);
        Assert.Equal(known, (await ledger.RegisterAsync(checkpoint, default)).Outcome);
        Assert.Equal(10, await database.NextOffsetAsync());
        Assert.Equal(1, await database.FilesAsync());
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(55, Means.RealServices, "the lost outcome is asked again until known: each file registered once")]
    [Scenario(67, Means.RealServices, "nine cut COMMITs under load: nothing lost, nothing twice")]
    public async Task A_worker_whose_commits_are_cut_under_load_loses_and_repeats_nothing()
    {
        const int Rounds = 9;
        await using var scope = await TestScope.CreateAsync(partitions: 3);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var cut = new CommitCut();
        await using var proxy = ProxiedPostgres.Start(scope.ConnectionString, cut.For);
        await using var worker = WorkerProcess.Start(
            scope, model,
            ("ConnectionStrings__HotLeads", ProxiedPostgres.Through(proxy, scope.ConnectionString)), ("Checkpoint__MaxAge", "00:00:00.200"));
        var published = 0;
        for (var round = 0; round < Rounds; round++)
        {
            cut.Arm((CommitFate)(round % 3));
            published += LeadEvents.Publish(scope, LeadEvents.Generated(400, round).Select(e => ((string?)e.Key, (string?)e.Value)));
            await worker.WaitAsync(() => Task.FromResult(cut.Armed == 0), "a registration to cut");
        }

        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, published, worker.Log);
        Assert.Equal(Rounds, cut.Cuts);
        Assert.Contains("PostgreSQL is back", worker.Log, StringComparison.Ordinal);
    }
}
