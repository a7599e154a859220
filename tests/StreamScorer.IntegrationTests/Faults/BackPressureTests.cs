using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>Partitions paused for lack of room, and what must not stay paused; scenarios 26 and 30 of the reliability table.</summary>
public class BackPressureTests
{
    /// <summary>Found by a soak: a worker that was paused when the group took some of its partitions never read the others again.</summary>
    [RequiresServicesTheory]
    [InlineData("cooperative-sticky")]
    [InlineData("range")]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(26, Means.RealServices, "a pause does not outlive a rebalance")]
    public async Task Partitions_kept_through_a_rebalance_are_read_again_after_a_pause(string assignment)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 4);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var proxy = ProxiedPostgres.Start(scope.ConnectionString);
        (string, string)[] settings =
        [
            ("Kafka:Properties:partition_assignment_strategy", assignment), ("MicroBatch:MaxRecords", "20"), ("MicroBatch:MaxQueued", "1"),
        ];
        await using var worker = await HostedWorker.StartAsync(
            scope, model, [.. settings, ("ConnectionStrings:HotLeads", ProxiedPostgres.Through(proxy, scope.ConnectionString))]);
        var published = Publish(scope, 1);
        await worker.WaitUntilDrainedAsync(scope);

        proxy.Refuse();
        published += Publish(scope, 2);
        await worker.WaitForAsync(Readiness.PostgreSql, isUp: false);
        // Time enough to fill every batch, so that the partitions are paused when the group moves some of them.
        await Task.Delay(TimeSpan.FromSeconds(2));
        await using var second = await HostedWorker.StartAsync(scope, model, settings);
        await second.WaitAsync(() => Task.FromResult(second.Log.Contains("Took ", StringComparison.Ordinal)), "some of the partitions");
        proxy.Accept();
        await worker.WaitUntilDrainedAsync(scope);
        published += Publish(scope, 3);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        await second.StopAsync();
        await Oracle.RequireCleanAsync(scope, published, $"{worker.Log}\nThe second worker:\n{second.Log}");
    }

    private static int Publish(TestScope scope, int seed) =>
        LeadEvents.Publish(scope, LeadEvents.Generated(400, seed).Select(e => ((string?)e.Key, (string?)e.Value)));
}
