using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>Answers of the group coordinator that the local broker does not give on demand; scenarios 19 and 23 of the reliability table.</summary>
public class CoordinatorAnswerTests
{
    private const int Events = 100;

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(19, Means.MockCluster, "records go on being scored and registered; once commits are accepted again the timer carries all of it, without a new record")]
    public async Task A_refused_commit_holds_nothing_up_and_is_made_good()
    {
        await using var scope = await TestScope.CreateAsync();
        using var cluster = new MockCluster((scope.Topic, 1), (scope.DeadLetterTopic, 1));
        await using var worker = await StartAsync(scope, cluster, ("Checkpoint:SettleInterval", "00:00:02"));
        var refusals = Enumerable.Range(0, 200).Select(i => i % 3 == 2 ? ErrorCode.IllegalGeneration : ErrorCode.RebalanceInProgress);
        cluster.Answer(MockCluster.OffsetCommit, [.. refusals]);
        for (var batch = 1; batch <= 3; batch++)
        {
            Publish(scope, cluster);
            var end = batch * Events;
            await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) == end, $"progress of {end}");
        }

        Assert.Equal(Offset.Unset.Value, Committed(scope, cluster));
        cluster.AnswerWell(MockCluster.OffsetCommit);
        // Nothing new is published: the timer is what carries it.
        await worker.WaitAsync(() => Task.FromResult(Committed(scope, cluster) == 3 * Events), "a commit of all of it");
        Assert.Null(worker.Failure);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(23, Means.MockCluster, "the member that the coordinator fences stops with the reason, and commits nothing any more")]
    public async Task A_static_member_whose_id_another_one_took_stops()
    {
        await using var scope = await TestScope.CreateAsync();
        using var cluster = new MockCluster((scope.Topic, 1), (scope.DeadLetterTopic, 1));
        await using var worker = await StartAsync(scope, cluster, ("Kafka:GroupInstanceId", "scorer-1"));
        Publish(scope, cluster);
        await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) == Events, "progress");

        cluster.Answer(MockCluster.Heartbeat, [.. Enumerable.Repeat(ErrorCode.FencedInstanceId, 5)]);
        await worker.WaitAsync(() => Task.FromResult(worker.Failure is not null), "its end");
        Assert.IsType<WorkerStoppedException>(worker.Failure);
        Assert.Contains("fenced", worker.Failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(27, Means.MockCluster, "a member that has joined and was never assigned anything ends with exit code 0")]
    public async Task A_worker_that_stops_before_its_first_assignment_ends_in_order()
    {
        await using var scope = await TestScope.CreateAsync();
        using var cluster = new MockCluster((scope.Topic, 1), (scope.DeadLetterTopic, 1));
        // The group never gets past the second step of a rebalance; a process of its own, because what is at stake is the process.
        cluster.Answer(MockCluster.SyncGroup, [.. Enumerable.Repeat(ErrorCode.RebalanceInProgress, 10_000)]);
        await using var worker = WorkerProcess.Start(
            scope, TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model")),
            ("Kafka__BootstrapServers", cluster.BootstrapServers), ("Kafka__Properties__api_version_request", "true"));
        // Nothing tells from outside that it has joined. The mock cluster may let a group's first member wait some seconds for others.
        await Task.Delay(TimeSpan.FromSeconds(6));

        await worker.StopCleanlyAsync();

        Assert.DoesNotContain("Took ", worker.Log, StringComparison.Ordinal);
    }

    private static Task<HostedWorker> StartAsync(TestScope scope, MockCluster cluster, params (string, string)[] settings) => HostedWorker.StartAsync(
        scope, TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model")),
        [("Kafka:BootstrapServers", cluster.BootstrapServers), ("Kafka:Properties:api_version_request", "true"), .. settings]);

    private static void Publish(TestScope scope, MockCluster cluster)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers })
            .SetLogHandler((_, _) => { }).Build();
        foreach (var (key, value) in LeadEvents.Generated(Events))
            producer.Produce(scope.Topic, new Message<string, string> { Key = key, Value = value });
        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
    }

    private static long Committed(TestScope scope, MockCluster cluster)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = cluster.BootstrapServers, GroupId = scope.GroupId }).SetLogHandler((_, _) => { }).Build();
        return consumer.Committed([new TopicPartition(scope.Topic, 0)], TimeSpan.FromSeconds(10))[0].Offset.Value;
    }
}
