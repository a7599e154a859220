using StreamScorer.App.LocalServices;
using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>
/// SIGTERM while a dependency is away, and SIGTERM twice: the worker ends in bounded time by itself, and what it could not
/// finish is scored again; scenarios 7, 8, 9 and 30 of the reliability table.
/// </summary>
public class StopTests
{
    [RequiresServicesTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(7, Means.RealServices, "exits within drain budget and close, commits nothing, says so")]
    [Scenario(30, Means.RealServices, "past the budget the partitions are let go without commit; the next worker redoes the range")]
    [Scenario(61, Means.RealServices, "what was not written or registered before the stop is scored again by the next worker, once")]
    public async Task A_stop_without_PostgreSQL_ends_in_time_and_commits_nothing(bool silent)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var proxy = ProxiedPostgres.Start(scope.ConnectionString);
        var published = Publish(scope, 1);
        await using var worker = WorkerProcess.Start(
            scope, model, ("ConnectionStrings__HotLeads", ProxiedPostgres.Through(proxy, scope.ConnectionString)));
        await worker.WaitUntilDrainedAsync(scope);
        if (silent)
            proxy.Hold();
        else
            proxy.Refuse();
        published += Publish(scope, 2);
        await worker.WaitAsync(() => Task.FromResult(worker.Log.Contains("PostgreSQL is not available", StringComparison.Ordinal)), "the outage");
        await worker.StopCleanlyAsync();
        Assert.Contains("The drain budget of 4 s ran out; 2 partitions are let go without commit", worker.Log, StringComparison.Ordinal);
        Assert.Equal(published / 2, await WorkerProcess.ProgressAsync(scope));
        await RequireTakenUpAsync(scope, model, published, worker.Log);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Scenario(8, Means.RealServices, "the close returns in bounded time")]
    public async Task A_stop_without_a_broker_ends_in_time()
    {
        await using var own = await OwnServices.StartAsync();
        await using var scope = await TestScope.CreateAsync(own, partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var published = Publish(scope, 1);
        await using var worker = WorkerProcess.Start(scope, model);
        await worker.WaitUntilDrainedAsync(scope);
        await own.Kafka.KillBrokerAsync();
        await worker.WaitAsync(() => Task.FromResult(worker.Log.Contains("Kafka is not available", StringComparison.Ordinal)), "the outage");
        await worker.StopCleanlyAsync();
        await own.Kafka.RestartAsync();
        await RequireTakenUpAsync(scope, model, published + Publish(scope, 2), worker.Log);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(9, Means.RealServices, "the drain goes on; the account is clean")]
    public async Task A_second_SIGTERM_in_the_middle_of_the_drain_spoils_nothing()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var load = SteadyLoad.Start(scope.Kafka, scope.Topic, 2000, new EventMix(seed: 9));
        await using (var worker = WorkerProcess.Start(scope, model))
        {
            await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > 0, "a first checkpoint");
            for (var signal = 0; signal < 3; signal++)
            {
                worker.Identity?.Send(UnixSignal.Terminate);
                await Task.Delay(20);
            }

            await worker.WaitForEndAsync(30);
            Assert.Contains("Stopping: finishing what is in flight", worker.Log, StringComparison.Ordinal);
        }

        await load.StopAsync();
        await RequireTakenUpAsync(scope, model, WorkerProcess.EndOffsets(scope), "");
    }

    /// <summary>Another worker goes on where this one stopped, and every event is accounted for once.</summary>
    private static async Task RequireTakenUpAsync(TestScope scope, string model, long events, string log)
    {
        await using var next = WorkerProcess.Start(scope, model);
        await next.WaitAsync(() => Task.FromResult(next.Log.Contains("Took 2 partitions", StringComparison.Ordinal)), "its partitions");
        await next.WaitUntilDrainedAsync(scope);
        await next.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, events, $"{log}\nThe next worker:\n{next.Log}");
    }

    private static int Publish(TestScope scope, int seed) =>
        LeadEvents.Publish(scope, LeadEvents.Generated(400, seed).Select(e => ((string?)e.Key, (string?)e.Value)));
}
