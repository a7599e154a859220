using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>Many members that come and go while events flow; scenarios 13, 14, 18, 25, 27 and 29 of the reliability table.</summary>
public class RebalanceStormTests
{
    [RequiresServicesTheory]
    [InlineData("cooperative-sticky")]
    [InlineData("range")]
    [Trait("Category", "faults")]
    [Scenario(13, Means.RealServices, "eager revokes with batches in flight: nothing lost, nothing twice")]
    [Scenario(14, Means.RealServices, "cooperative revokes of a subset: nothing lost, nothing twice")]
    [Scenario(18, Means.RealServices, "the commit inside the revoke handler does not hang")]
    [Scenario(25, Means.RealServices, "prefetched records of a revoked partition are not scored twice")]
    [Scenario(27, Means.RealServices, "members that stop during a rebalance end promptly")]
    [Scenario(29, Means.RealServices, "40 joins and leaves of 10 members: progress goes on, the account is clean")]
    public Task Ten_members_up_and_down(string assignment) => StormAsync(assignment, members: 10, changes: 40, seed: 29);

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public Task Four_members_up_and_down() => StormAsync("cooperative-sticky", members: 4, changes: 10, seed: 30);

    /// <summary>
    /// The members live in this process: no start-up time lies between a change and the next. One in four ends while the
    /// group is still settling the change before.
    /// </summary>
    private static async Task StormAsync(string assignment, int members, int changes, int seed)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 12);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var random = new Random(seed);
        (string, string)[] settings = [("Kafka:Properties:partition_assignment_strategy", assignment), ("MicroBatch:MaxRecords", "200")];
        await using var load = SteadyLoad.Start(scope.Kafka, scope.Topic, 500, new EventMix(seed));
        var workers = new HostedWorker?[members];
        var ended = new List<HostedWorker>();
        for (var change = 0; change < changes; change++)
        {
            var seat = random.Next(members);
            if (workers[seat] is { } member)
            {
                await member.StopAsync();
                ended.Add(member);
                workers[seat] = null;
            }
            else
            {
                workers[seat] = await HostedWorker.StartAsync(scope, model, settings);
            }

            await Task.Delay(random.Next(4) == 0 ? 0 : random.Next(1500));
        }

        await load.StopAsync();
        workers[0] ??= await HostedWorker.StartAsync(scope, model, settings);
        var all = workers.OfType<HostedWorker>().ToList();
        await all[0].WaitUntilDrainedAsync(scope, 120);
        // At once: the group hands partitions of the first ones that leave to others that are leaving already.
        await Task.WhenAll(all.Select(worker => worker.StopAsync()));
        ended.AddRange(all);
        Assert.All(ended, worker => Assert.Null(worker.Failure));
        await Oracle.RequireCleanAsync(scope, WorkerProcess.EndOffsets(scope), $"seed {seed}\n" + string.Join("\n\n", ended.Select(worker => worker.Log)));
        foreach (var worker in ended)
            await worker.DisposeAsync();
    }
}
