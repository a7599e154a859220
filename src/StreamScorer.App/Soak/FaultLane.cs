using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Soak;

/// <summary>Works off a <see cref="FaultSchedule"/>: causes a fault, waits, and makes it good again, until told to stop.</summary>
internal sealed class FaultLane(
    FaultSchedule schedule, SoakServices services, IReadOnlyList<SoakWorker> workers, SoakModels models, Action<string> tell)
{
    // Beyond the session timeout of 6 s, so that the others take the frozen worker's partitions.
    private static readonly TimeSpan ShortestFreeze = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(15);

    // Drain budget, the client's close, the second after it, and what a busy machine adds.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(45);

    private readonly Dictionary<SoakFault, int> _caused = [];

    /// <summary>How often each fault was caused.</summary>
    public IReadOnlyDictionary<SoakFault, int> Caused => _caused;

    /// <summary>Workers that did not end in time on SIGTERM.</summary>
    public int Stuck { get; private set; }

    /// <summary>Causes faults until the token is cancelled; the last one is made good before this returns.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await WaitAsync(schedule.Pause(), ct);
            if (ct.IsCancellationRequested)
                return;
            var fault = schedule.Next();
            _caused[fault] = _caused.GetValueOrDefault(fault) + 1;
            await CauseAsync(fault, ct);
        }
    }

    private async Task CauseAsync(SoakFault fault, CancellationToken ct)
    {
        switch (fault)
        {
            case SoakFault.KillWorker or SoakFault.StopWorker or SoakFault.FreezeWorker:
                await TroubleAsync(fault, workers[schedule.Pick(workers.Count)], ct);
                break;
            case SoakFault.SwapModel:
                tell("the other model");
                models.Swap();
                break;
            case SoakFault.KillBroker or SoakFault.StopBroker:
                await AwayAsync(
                    fault, "broker", fault == SoakFault.KillBroker ? services.Kafka.KillBrokerAsync() : services.Kafka.StopBrokerAsync(CancellationToken.None),
                    () => services.Kafka.RestartAsync(CancellationToken.None), ct);
                break;
            case SoakFault.KillPostgres or SoakFault.StopPostgres:
                await AwayAsync(
                    fault, "PostgreSQL", fault == SoakFault.KillPostgres ? services.Postgres.KillAsync() : services.Postgres.StopAsync(CancellationToken.None),
                    () => services.Postgres.RestartAsync(CancellationToken.None), ct);
                break;
            case SoakFault.CutBroker:
                tell($"{services.KafkaProxy.CutAll()} connections to the broker cut");
                break;
            case SoakFault.CutPostgres:
                tell($"{services.PostgresProxy.CutAll()} connections to PostgreSQL cut");
                break;
            case SoakFault.HoldBroker:
                await HoldAsync("broker", services.KafkaProxy, ct);
                break;
            case SoakFault.HoldPostgres:
                await HoldAsync("PostgreSQL", services.PostgresProxy, ct);
                break;
            case SoakFault.CutCommit:
                await CutCommitAsync(ct);
                break;
            default:
                await FillDiskAsync(ct);
                break;
        }
    }

    private async Task TroubleAsync(SoakFault fault, SoakWorker worker, CancellationToken ct)
    {
        switch (fault)
        {
            case SoakFault.KillWorker:
                tell($"kill -9 worker {worker.Number} (process {worker.Pid})");
                await worker.KillAsync();
                await WaitAsync(schedule.Hold() / 4, ct);
                worker.Start();
                break;
            case SoakFault.StopWorker:
                tell($"SIGTERM to worker {worker.Number} (process {worker.Pid})");
                if (!await worker.StopAsync(StopPatience))
                {
                    Stuck++;
                    tell($"worker {worker.Number} did not end within {StopPatience.TotalSeconds} s: killed");
                }

                await WaitAsync(schedule.Hold() / 4, ct);
                worker.Start();
                break;
            default:
                var time = schedule.Between(ShortestFreeze, LongestFreeze);
                tell($"worker {worker.Number} (process {worker.Pid}) frozen for {time.TotalSeconds:F1} s");
                worker.Send(UnixSignal.Stop);
                await WaitAsync(time, ct);
                worker.Send(UnixSignal.Continue);
                break;
        }
    }

    private async Task AwayAsync(SoakFault fault, string name, Task end, Func<Task> restart, CancellationToken ct)
    {
        var time = schedule.Hold();
        tell($"{(fault is SoakFault.KillBroker or SoakFault.KillPostgres ? "kill -9" : "orderly stop")} of {name} for {time.TotalSeconds:F1} s");
        await end;
        await WaitAsync(time, ct);
        await restart();
        tell($"{name} restarted");
    }

    private async Task HoldAsync(string name, TcpProxy proxy, CancellationToken ct)
    {
        var time = schedule.Hold();
        tell($"connections to {name} held still for {time.TotalSeconds:F1} s");
        proxy.Hold();
        await WaitAsync(time, ct);
        proxy.Release();
    }

    private async Task CutCommitAsync(CancellationToken ct)
    {
        var fate = (CommitFate)schedule.Pick(Enum.GetValues<CommitFate>().Length);
        tell($"the next registration's COMMIT is cut ({fate})");
        services.Commits.Arm(fate);
        await WaitAsync(schedule.Hold() / 2, ct);
    }

    private async Task FillDiskAsync(CancellationToken ct)
    {
        var time = schedule.Hold();
        tell($"disk of the checkpoints full for {time.TotalSeconds:F1} s");
        services.Disk!.Fill();
        await WaitAsync(time, ct);
        services.Disk.Free();
    }

    private static async Task WaitAsync(TimeSpan time, CancellationToken ct) =>
        await Task.Delay(time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
