using System.Diagnostics;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>A whole worker, from holding its partitions until it has worked off a topic; then it is stopped.</summary>
internal static class WorkerMeasurement
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs it.</summary>
    /// <param name="services">Whose CPU is told beside the worker's.</param>
    /// <param name="scope">Topic and results.</param>
    /// <param name="modelFolder">The model.</param>
    /// <param name="events">Records on the topic.</param>
    public static async Task<(StageFigures Figures, WorkerTimes Times)> RunAsync(
        BenchServices services, BenchScope scope, string modelFolder, long events)
    {
        var (broker, postgres) = (services.BrokerCpu, services.PostgresCpu);
        using var worker = WorkerRun.Start(scope, modelFolder, ["--Checkpoint:MaxAge=00:00:02"]);
        await worker.Ready;
        var start = worker.Cpu;
        var watch = Stopwatch.StartNew();
        await worker.WaitForProgressAsync(events, Patience);
        var seconds = watch.Elapsed.TotalSeconds;
        var cpu = worker.Cpu;
        var peak = worker.PeakBytes;
        (broker, postgres) = (services.BrokerCpu - broker, services.PostgresCpu - postgres);
        var times = await worker.StopAsync();
        var memory = worker.Memory();
        var figures = new StageFigures
        {
            Stage = "Worker",
            Events = events,
            Seconds = seconds,
            ProcessMicros = cpu.TotalMicroseconds / events,
            StartMicros = start.TotalMicroseconds / events,
            BrokerMicros = broker.TotalMicroseconds / events,
            PostgresMicros = postgres.TotalMicroseconds / events,
            AllocatedBytes = memory.Allocated / events,
            PauseMilliseconds = memory.PauseMilliseconds,
            Collections = memory.Collections,
            PeakBytes = peak,
        };
        return (figures, times);
    }
}
