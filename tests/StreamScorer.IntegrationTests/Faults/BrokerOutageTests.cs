using StreamScorer.App.LocalServices;
using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>
/// The only broker is killed, stopped in order or cut off, under load; scenarios 19, 31, 32, 33, 34 and 37 of the
/// reliability table. With one broker each of them takes away the leader and the group's coordinator at once.
/// </summary>
public class BrokerOutageTests
{
    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Scenario(32, Means.RealServices, "the only broker killed five times: consumption goes on by itself after each")]
    [Scenario(33, Means.RealServices, "all brokers down and up again: the worker survives, told once per outage")]
    public Task A_broker_killed_five_times_under_load_loses_nothing() => BounceAsync(5, own => own.Kafka.KillBrokerAsync());

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Scenario(31, Means.RealServices, "nothing lost or twice; with one broker the group is formed anew")]
    [Scenario(34, Means.RealServices, "the coordinator goes and comes back: asked again silently")]
    public Task A_broker_restarted_in_order_three_times_loses_nothing() => BounceAsync(3, own => own.Kafka.StopBrokerAsync());

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(37, Means.RealServices, "connections to the broker cut, held and refused: retried, readiness names Kafka")]
    public async Task Connections_to_the_broker_cut_held_and_refused_lose_nothing()
    {
        var port = LoopbackPort.Find();
        await using var proxy = TcpProxy.Start(port);
        await using var own = await OwnServices.StartAsync(
            new LocalServicePorts(Kafka: port),
            new Dictionary<string, string> { ["advertised.listeners"] = $"PLAINTEXT://127.0.0.1:{proxy.Port}" });
        await using var scope = await TestScope.CreateAsync(own, partitions: 4);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        // Past the proxy: the producer's own troubles are not the test's.
        await using var load = SteadyLoad.Start(scope.Kafka, scope.Topic, 500, new EventMix(seed: 37));
        await using var worker = await HostedWorker.StartAsync(scope, model, ("Kafka:BootstrapServers", $"127.0.0.1:{proxy.Port}"));
        await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > 0, "a first checkpoint");

        for (var cut = 0; cut < 5; cut++)
        {
            proxy.CutAll();
            await Task.Delay(700);
        }

        proxy.Hold();
        await Task.Delay(TimeSpan.FromSeconds(9));
        proxy.Release();
        await Task.Delay(TimeSpan.FromSeconds(2));
        proxy.Refuse();
        await worker.WaitForAsync(Readiness.Kafka, isUp: false);
        Assert.True(worker.Readiness.Statuses[Readiness.PostgreSql].IsUp);
        proxy.Accept();
        await worker.WaitForAsync(Readiness.Kafka, isUp: true);
        await load.StopAsync();
        await worker.WaitUntilDrainedAsync(scope, 120);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, WorkerProcess.EndOffsets(scope), worker.Log);
    }

    private static async Task BounceAsync(int times, Func<OwnServices, Task> end)
    {
        await using var own = await OwnServices.StartAsync();
        await using var scope = await TestScope.CreateAsync(own, partitions: 6);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var load = SteadyLoad.Start(scope.Kafka, scope.Topic, 1000, new EventMix(seed: 33));
        await using var worker = WorkerProcess.Start(scope, model);
        await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > 0, "a first checkpoint");
        for (var time = 0; time < times; time++)
        {
            await end(own);
            await Task.Delay(TimeSpan.FromSeconds(3));
            await own.Kafka.RestartAsync();
            var progress = await WorkerProcess.ProgressAsync(scope);
            await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > progress + 2000, "work after the restart", 90);
        }

        await load.StopAsync();
        await worker.WaitUntilDrainedAsync(scope, 120);
        await worker.StopCleanlyAsync();
        // A broker that has just come back may not know the topic yet and then refuses what the producer sends; a message
        // whose confirmation was lost may stand there twice. What it has confirmed it holds, and the account is of all it holds.
        Assert.Equal(load.Sent, load.Confirmed + load.Refused);
        Assert.True(WorkerProcess.EndOffsets(scope) >= load.Confirmed, $"{load.Confirmed} confirmed");
        await Oracle.RequireCleanAsync(scope, WorkerProcess.EndOffsets(scope), worker.Log);
        OutageLines.RequireTold(worker.Log, Readiness.Kafka, times);
    }
}
