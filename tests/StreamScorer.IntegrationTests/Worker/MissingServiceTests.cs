using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>What a person reads when something the worker needs is not there; scenarios 7, 8 and 39 of the reliability table.</summary>
public class MissingServiceTests
{
    [RequiresServicesFact]
    public async Task Without_kafka_the_worker_says_so_waits_and_stops_when_asked()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = WorkerProcess.Start(scope, model, ("Kafka__BootstrapServers", "127.0.0.1:1"));
        await worker.WaitAsync(() => Task.FromResult(worker.Log.Contains("Kafka is not available", StringComparison.Ordinal)), "a message");
        Assert.Contains("127.0.0.1:1", worker.Log, StringComparison.Ordinal);
        Assert.Contains("Kafka__BootstrapServers", worker.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", worker.Log, StringComparison.Ordinal);
        Assert.False(worker.HasExited);
        await worker.StopCleanlyAsync();
    }

    [RequiresServicesFact]
    public async Task Without_postgresql_the_worker_says_so_waits_and_stops_when_asked()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = WorkerProcess.Start(
            scope, model, ("ConnectionStrings__HotLeads", "Host=127.0.0.1;Port=1;Username=nobody;Password=s3cret;Database=none"));
        await worker.WaitAsync(() => Task.FromResult(worker.Log.Contains("PostgreSQL is not available", StringComparison.Ordinal)), "a message");
        Assert.Contains("127.0.0.1:1", worker.Log, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:HotLeads", worker.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", worker.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", worker.Log, StringComparison.Ordinal);
        await worker.StopCleanlyAsync();
    }

    [RequiresServicesFact]
    public async Task A_topic_that_does_not_exist_yet_is_waited_for()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var late = scope.Topic + "-late";
        await using var worker = WorkerProcess.Start(
            scope, model, ("Kafka__Topic", late), ("Kafka__DeadLetterTopic", scope.DeadLetterTopic));
        await worker.WaitAsync(() => Task.FromResult(worker.Log.Contains("does not exist", StringComparison.Ordinal)), "a message");
        await KafkaTopics.CreateAsync(scope.Kafka, [new TopicSpec(late, 1)]);
        await worker.WaitAsync(() => Task.FromResult(worker.Log.Contains("Took 1 partitions", StringComparison.Ordinal)), "the topic");
        await worker.StopCleanlyAsync();
    }

    [RequiresServicesFact]
    public async Task A_missing_dead_letter_topic_stops_the_start_with_the_command_that_creates_it()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = WorkerProcess.Start(scope, model, ("Kafka__DeadLetterTopic", "no-such-dead-letters"));
        await worker.WaitForEndAsync(30);
        Assert.Equal(1, worker.ExitCode);
        Assert.Contains("--create --topic no-such-dead-letters", worker.Log, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task Wrong_settings_are_all_listed_and_end_with_bad_usage()
    {
        await using var scope = await TestScope.CreateAsync();
        await using var worker = WorkerProcess.Start(scope, "nowhere", ("Scoring__Threshold", "7"), ("Kafka__Topik", "x"));
        await worker.WaitForEndAsync(30);
        Assert.Equal(2, worker.ExitCode);
        Assert.Contains("Scoring:Threshold", worker.Log, StringComparison.Ordinal);
        Assert.Contains("Did you mean Topic?", worker.Log, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_missing_model_is_named_with_the_command_that_trains_one()
    {
        await using var scope = await TestScope.CreateAsync();
        await using var worker = WorkerProcess.Start(scope, Path.Combine(scope.Folder, "nowhere"));
        await worker.WaitForEndAsync(30);
        Assert.Equal(1, worker.ExitCode);
        Assert.Contains("streamscorer train", worker.Log, StringComparison.Ordinal);
    }
}
