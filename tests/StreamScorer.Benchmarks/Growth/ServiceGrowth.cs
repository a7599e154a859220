using Npgsql;
using StreamScorer.App.LocalServices;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Growth;

/// <summary>What an event costs the whole worker as the topic grows in width or its events in size: CPU, not wall time.</summary>
internal sealed class ServiceGrowth(BenchServices services, string modelFolder, int events)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // With the topic's files and the client's queues a larger workload would measure the disk.
    private const long MostBytes = 500_000_000;

    private readonly ForestModel _model = ForestModel.Load(Path.Combine(modelFolder, "model.forest"));

    /// <summary>Names of what a measurement tells.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["worker", "broker", "PostgreSQL", "events/s", "peak MB"];

    /// <summary>1 to 50 partitions.</summary>
    public async Task PartitionsAsync(Action<GrowthPoint> tell)
    {
        foreach (var partitions in (int[])[1, 4, 12, 25, 50])
            tell(await MeasureAsync(partitions, new WorkloadShape(events), partitions));
    }

    /// <summary>Events of about 0.4 to 10 kB: the reference event, and the same with a field that no model knows.</summary>
    public async Task SizesAsync(Action<GrowthPoint> tell)
    {
        const int Bare = 380;
        foreach (var bytes in (int[])[Bare, 1000, 3000, 10_000])
        {
            var count = (int)Math.Min(events, MostBytes / bytes);
            tell(await MeasureAsync(bytes, new WorkloadShape(count) { PaddingBytes = bytes == Bare ? 0 : bytes - Bare }, 12));
        }
    }

    private async Task<GrowthPoint> MeasureAsync(double size, WorkloadShape shape, int partitions)
    {
        var topic = await StreamTopic.FillAsync(services, shape, _model, partitions, "none");
        var scope = await services.CreateScopeAsync(topic, "growth");
        using var worker = WorkerRun.Start(scope, modelFolder, ["--Checkpoint:MaxAge=00:00:02"]);
        await worker.Ready;
        var (meter, watch) = (new ProcessMeter(services, worker), System.Diagnostics.Stopwatch.StartNew());
        await worker.WaitForProgressAsync(shape.Events, Patience);
        var rate = shape.Events / watch.Elapsed.TotalSeconds;
        var point = meter.Read(size, shape.Events, rate, worker.PeakBytes);
        await worker.StopAsync();
        return point;
    }
}

/// <summary>
/// What an event costs as hot_leads grows. One worker and one topic: leads are added until the table has the next size,
/// then a workload over all of them runs, as many events at each size.
/// </summary>
internal sealed class TableGrowth(BenchServices services, string modelFolder, int events, int largest)
{
    private const int Partitions = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private static readonly int[] Sizes = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];

    /// <summary>Names of what a measurement tells.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["worker", "broker", "PostgreSQL", "events/s", "peak MB", "of a new lead"];

    /// <summary>From 100,000 leads to the largest size allowed.</summary>
    public async Task LeadsAsync(Action<GrowthPoint> tell)
    {
        var model = ForestModel.Load(Path.Combine(modelFolder, "model.forest"));
        var topic = $"bench-growth-leads-{Guid.NewGuid().ToString("N")[..6]}";
        await KafkaTopics.CreateAsync(
            services.Kafka, [new TopicSpec(topic, Partitions), new TopicSpec(topic + ".dead-letters", 1)]);
        var scope = await services.CreateScopeAsync(topic, "growth");
        using var worker = WorkerRun.Start(scope, modelFolder, ["--Checkpoint:MaxAge=00:00:02"]);
        await worker.Ready;
        var published = 0L;
        async Task<GrowthPoint> RunAsync(double size, int count, Func<StreamEvent> next)
        {
            var (meter, watch) = (new ProcessMeter(services, worker), System.Diagnostics.Stopwatch.StartNew());
            StreamTopic.Publish(services.Kafka, topic, next, count, "none");
            await worker.WaitForProgressAsync(published += count, Patience);
            return meter.Read(size, count, count / watch.Elapsed.TotalSeconds, worker.PeakBytes);
        }

        var leads = 0;
        foreach (var size in Sizes.Where(size => size <= largest))
        {
            var workload = new StreamWorkload(new WorkloadShape(events, size), model);
            var added = await RunAsync(size, size - leads, () => workload.Hot(leads++));
            // The table is what a long-running one is: its dead rows are gone and the planner knows it.
            await VacuumAsync(scope);
            var point = await RunAsync(size, events, workload.NextEvent);
            tell(point with { Parts = [.. point.Parts, added.Cost] });
        }

        await worker.StopAsync();
    }

    private static async Task VacuumAsync(BenchScope scope)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var command = dataSource.CreateCommand("vacuum analyze hot_leads");
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>CPU of a worker and its services from the making on.</summary>
internal sealed class ProcessMeter(BenchServices services, WorkerRun worker)
{
    private readonly CpuTimes _began = CpuTimes.Now(services, worker);

    /// <summary>The cost of each of so many events.</summary>
    public GrowthPoint Read(double size, int events, double rate, long peakBytes)
    {
        var now = CpuTimes.Now(services, worker);
        double Micros(TimeSpan later, TimeSpan earlier) => (later - earlier).TotalMicroseconds / events;
        var (w, b, p) = (Micros(now.Worker, _began.Worker), Micros(now.Broker, _began.Broker), Micros(now.Postgres, _began.Postgres));
        return new GrowthPoint(size, w + b + p, [w, b, p, rate, peakBytes >> 20]);
    }
}
