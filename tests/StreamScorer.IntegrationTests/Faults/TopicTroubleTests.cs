using StreamScorer.App.LocalServices;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>
/// The topic is missing, deleted and made anew, grows, holds a record that is too large, or has dropped what was never
/// read; scenarios 35, 38, 39, 40, 41 and 52 of the reliability table.
/// </summary>
public class TopicTroubleTests
{
    private static readonly (string, string) QuickMetadata = ("Kafka:Properties:topic_metadata_refresh_interval_ms", "500");

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(39, Means.RealServices, "waits, readiness names the topic, starts by itself")]
    public async Task A_topic_missing_at_the_start_is_named_by_readiness_and_waited_for()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var late = scope.Topic + "-late";
        await using var worker = await HostedWorker.StartAsync(scope, model, ("Kafka:Topic", late), ("Kafka:DeadLetterTopic", scope.DeadLetterTopic));
        await worker.WaitAsync(
            () => Task.FromResult(worker.Readiness.Statuses[Readiness.Kafka].Reason.Contains($"topic {late} does not exist", StringComparison.Ordinal)),
            "the reason in words");
        Assert.False(worker.Readiness.IsReady);
        await KafkaTopics.CreateAsync(scope.Kafka, [new TopicSpec(late, 1)]);
        await worker.WaitForAsync(Readiness.Kafka, isUp: true);
        OutageLines.RequireTold(worker.Log, Readiness.Kafka, 1);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(40, Means.RealServices, "new partitions are taken and read from offset 0")]
    public async Task New_partitions_are_read_from_their_beginning()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var published = Publish(scope, 1);
        await using var worker = await HostedWorker.StartAsync(scope, model, QuickMetadata);
        await worker.WaitUntilDrainedAsync(scope);
        await KafkaTopics.GrowAsync(scope.Kafka, scope.Topic, 5);
        published += Publish(scope, 2);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, published, worker.Log);
        Assert.Equal(5, (await Oracle.AuditAsync(scope)).Partitions.Count(partition => partition.NextOffset > 0));
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(35, Means.RealServices, "no silent reset: the worker stops with the remedy")]
    [Scenario(38, Means.RealServices, "the worker stops and names offsets reset, at each start")]
    public async Task A_topic_deleted_and_made_anew_stops_the_worker_with_the_remedy()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        Publish(scope, 1);
        await using (var worker = WorkerProcess.Start(scope, model, ("Kafka__Properties__topic_metadata_refresh_interval_ms", "500")))
        {
            await worker.WaitUntilDrainedAsync(scope);
            await RecreateAsync(scope);
            LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
            await worker.WaitForEndAsync(90);
            Assert.Equal(1, worker.ExitCode);
            Assert.Contains("Was the topic deleted and made anew?", worker.Log, StringComparison.Ordinal);
            Assert.Contains("offsets reset --to", worker.Log, StringComparison.Ordinal);
        }

        // Started again it says the same: nothing is skipped or scored on a guess.
        await using var again = WorkerProcess.Start(scope, model);
        await again.WaitForEndAsync(60);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("offsets reset --to", again.Log, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(52, Means.RealServices, "5 MB and 2 MB records are dead letters, their neighbours scored")]
    public async Task A_record_beyond_the_contract_is_a_dead_letter_and_blocks_nobody()
    {
        await using var scope = await TestScope.CreateAsync(topicSettings: new Dictionary<string, string> { ["max.message.bytes"] = "6000000" });
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var published = Publish(scope, 1);
        published += LeadEvents.Publish(scope, [("lead-big", new string('x', 5_000_000)), ("lead-large", new string('y', 2_000_000))]);
        published += Publish(scope, 2);
        await using var worker = await HostedWorker.StartAsync(scope, model);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        var report = await Oracle.RequireCleanAsync(scope, published, worker.Log);
        Assert.Equal(2, report.Totals.DeadLetters);
    }

    [RequiresServicesTheory]
    [InlineData("Fail")]
    [InlineData("Earliest")]
    [Trait("Category", "faults")]
    [Scenario(35, Means.RealServices, "policy Fail: no silent reset, the worker stops")]
    [Scenario(41, Means.RealServices, "policy Earliest: the gap is recorded and the audit knows it")]
    public async Task Records_that_retention_took_before_they_were_read_are_no_silent_gap(string policy)
    {
        await using var own = await OwnServices.StartAsync(
            brokerSettings: new Dictionary<string, string> { ["log.retention.check.interval.ms"] = "500" });
        await using var scope = await TestScope.CreateAsync(own, topicSettings: new Dictionary<string, string>
        {
            ["segment.bytes"] = "1500000",
            ["retention.bytes"] = "2000000",
        });
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        (string, string)[] settings = [("Kafka__OnOffsetOutOfRange", policy)];
        var first = LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        await using (var before = WorkerProcess.Start(scope, model, settings))
        {
            await before.WaitUntilDrainedAsync(scope);
            await before.StopCleanlyAsync();
        }

        var published = first + LeadEvents.Publish(scope, LeadEvents.Generated(20_000).Select(e => ((string?)e.Key, (string?)e.Value)));
        var oldest = await WaitForRetentionAsync(scope, first);
        await using var worker = WorkerProcess.Start(scope, model, settings);
        if (policy == "Fail")
        {
            await worker.WaitForEndAsync(60);
            Assert.Equal(1, worker.ExitCode);
            Assert.Contains("Retention has deleted records that were never scored", worker.Log, StringComparison.Ordinal);
            Assert.Equal(first, await WorkerProcess.ProgressAsync(scope));
            return;
        }

        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopCleanlyAsync();
        Assert.Contains("Offset gap on", worker.Log, StringComparison.Ordinal);
        var report = await Oracle.AuditAsync(scope);
        Assert.True(report.IsClean, string.Join('\n', report.Findings) + worker.Log);
        Assert.True(report.Totals.Scored >= published - oldest, report.Totals.ToString());
    }

    private static async Task RecreateAsync(TestScope scope)
    {
        await KafkaTopics.DeleteAsync(scope.Kafka, scope.Topic);
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (KafkaTopics.Exists(scope.Kafka, scope.Topic))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "the broker does not delete the topic");
            await Task.Delay(50);
        }

        await KafkaTopics.CreateAsync(scope.Kafka, [new TopicSpec(scope.Topic, 1)]);
    }

    private static async Task<long> WaitForRetentionAsync(TestScope scope, long beyond)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var oldest = WorkerProcess.OldestOffset(scope, 0);
            if (oldest > beyond)
                return oldest;
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "retention took nothing");
            await Task.Delay(200);
        }
    }

    private static int Publish(TestScope scope, int seed) =>
        LeadEvents.Publish(scope, LeadEvents.Generated(300, seed).Select(e => ((string?)e.Key, (string?)e.Value)));
}
