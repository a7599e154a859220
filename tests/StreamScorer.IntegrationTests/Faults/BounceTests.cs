using System.Globalization;
using System.Text.RegularExpressions;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>Workers that come and go under load; scenarios 6, 10, 11 and 29 of the reliability table.</summary>
public partial class BounceTests
{
    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Scenario(6, Means.RealServices, "SIGTERM drains, commits, leaves the group and exits with 0")]
    [Scenario(10, Means.RealServices, "records scored over all runs equal records published: nothing is redelivered to the sinks")]
    public async Task Twenty_clean_restarts_under_load_redeliver_nothing()
    {
        const int Restarts = 20;
        await using var scope = await TestScope.CreateAsync(partitions: 3);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        long published = 0, scored = 0;
        for (var restart = 0; restart < Restarts; restart++)
        {
            published += LeadEvents.Publish(scope, LeadEvents.Generated(300, restart).Select(e => ((string?)e.Key, (string?)e.Value)));
            await using var worker = WorkerProcess.Start(scope, model);
            var before = await WorkerProcess.ProgressAsync(scope);
            await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > before, "progress");
            published += LeadEvents.Publish(scope, LeadEvents.Generated(300, restart).Select(e => ((string?)e.Key, (string?)e.Value)));
            var code = await worker.StopAsync();
            Assert.True(code == 0, $"restart {restart} ended with code {code}:\n{worker.Log}");
            scored += long.Parse(Scored().Match(worker.Log).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        }

        await using var last = WorkerProcess.Start(scope, model);
        // There may be nothing left to do, and a SIGTERM before the program listens to signals would just end it.
        await last.WaitAsync(() => Task.FromResult(last.Log.Contains("Took 3 partitions", StringComparison.Ordinal)), "its partitions");
        await last.WaitUntilDrainedAsync(scope);
        await last.StopCleanlyAsync();
        scored += long.Parse(Scored().Match(last.Log).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        await Oracle.RequireCleanAsync(scope, published, last.Log);
        Assert.Equal(published, scored);
    }

    [RequiresServicesTheory]
    [InlineData("cooperative-sticky", 100, 200_000, 101)]
    [InlineData("range", 100, 200_000, 102)]
    [Trait("Category", "faults")]
    [Scenario(11, Means.RealServices, "100 kills of 2 workers, 200,000 events, in eager and cooperative mode: nothing lost, nothing twice")]
    public Task A_hundred_kills_at_random_times(string assignment, int kills, int events, int seed) => KillAsync(assignment, kills, events, seed);

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public Task Ten_kills_at_random_times() => KillAsync("cooperative-sticky", kills: 10, events: 20_000, seed: 100);

    private static async Task KillAsync(string assignment, int kills, int events, int seed)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 12);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var random = new Random(seed);
        (string, string)[] settings =
        [
            ("Kafka__Properties__partition_assignment_strategy", assignment), ("Kafka__SessionTimeout", "00:00:03"),
            ("Kafka__DrainBudget", "00:00:02"), ("MicroBatch__MaxRecords", "200"),
        ];
        var workers = new[] { WorkerProcess.Start(scope, model, settings), WorkerProcess.Start(scope, model, settings) };
        var published = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            published += LeadEvents.Publish(
                scope, LeadEvents.Generated(events / kills, seed + kill).Select(e => ((string?)e.Key, (string?)e.Value)));
            await Task.Delay(random.Next(2500));
            var victim = random.Next(workers.Length);
            await workers[victim].DisposeAsync();
            workers[victim] = WorkerProcess.Start(scope, model, settings);
        }

        try
        {
            await workers[0].WaitUntilDrainedAsync(scope, 120);
        }
        catch (InvalidOperationException stuck)
        {
            throw new InvalidOperationException($"{stuck.Message}\nseed {seed}, the other worker:\n{workers[1].Log}", stuck);
        }

        foreach (var worker in workers)
        {
            await worker.StopCleanlyAsync();
            await worker.DisposeAsync();
        }

        await Oracle.RequireCleanAsync(scope, published, $"seed {seed}\n{workers[0].Log}\n{workers[1].Log}");
    }

    // Not the records consumed: the client may hand out a record that it fetched from the group's offset and then, sent to where
    // the ledger stands, the same one again, which goes no further.
    [GeneratedRegex("Stopped: [0-9]+ records consumed, ([0-9]+) scored")]
    private static partial Regex Scored();
}
