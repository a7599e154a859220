using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.App.LocalServices;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// <c>bench latency</c>: from the moment at which an event was due to be published until its lead stands in hot_leads, and
/// until its offset stands in a registered checkpoint, at steady rates.
/// </summary>
internal static class LatencyBenchmark
{
    private const int Partitions = 12;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var rates = new Option<int[]>("--rates")
        {
            Description = "Events a second.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1_000, 10_000, 50_000],
        };
        var seconds = new Option<int>("--seconds") { Description = "Measured seconds of each.", DefaultValueFactory = _ => 20 };
        var json = new Option<bool>("--json") { Description = "Figures as JSON on stdout." };
        var set = new Option<string[]>("--set")
        {
            Description = "Settings of the worker, such as MicroBatch:MaxWait=00:00:00.005.",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new RootCommand("From publishing to hot_leads and to the checkpoint, at steady rates.") { rates, seconds, json, set };
        command.SetAction(async parse =>
        {
            await using var services = await BenchServices.StartAsync(null);
            services.Settings = ["Checkpoint:MaxAge=00:00:02", .. parse.GetValue(set) ?? []];
            var modelFolder = await BenchModel.TrainAsync();
            var all = new List<LatencyFigures>();
            Console.Error.WriteLine("milliseconds from the due time   hot_leads  p50    p95    p99    max   checkpoint  p50    p99    max");
            foreach (var rate in parse.GetValue(rates)!)
            {
                all.Add(await MeasureAsync(services, modelFolder, rate, parse.GetValue(seconds)));
                Console.Error.WriteLine(all[^1]);
            }

            if (parse.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(all, Indented));
            return 0;
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<LatencyFigures> MeasureAsync(BenchServices services, string modelFolder, int rate, int seconds)
    {
        var model = ForestModel.Load(Path.Combine(modelFolder, "model.forest"));
        var topic = string.Create(CultureInfo.InvariantCulture, $"bench-latency-{rate}-{Guid.NewGuid().ToString("N")[..6]}");
        await KafkaTopics.CreateAsync(
            services.Kafka, [new TopicSpec(topic, Partitions), new TopicSpec(topic + ".dead-letters", 1)]);
        var scope = await services.CreateScopeAsync(topic, "latency");
        using var worker = WorkerRun.Start(scope, modelFolder, []);
        await worker.Ready;
        var probes = new ProbeWatch(scope.ConnectionString);
        using var ended = new CancellationTokenSource();
        var watching = probes.RunAsync(ended.Token);
        var workload = new StreamWorkload(new WorkloadShape(int.MaxValue), model);
        await Task.Factory.StartNew(
            () => new SteadyPublisher(services.Kafka, topic, workload, probes).Run(rate, seconds), TaskCreationOptions.LongRunning);
        for (var waited = 0; probes.Open > 0 && waited < 300; waited++)
            await Task.Delay(100);
        await ended.CancelAsync();
        await watching;
        var open = probes.Open;
        var times = await worker.StopAsync();
        return open == 0 && times.ExitCode == 0
            ? LatencyFigures.Of(rate, probes.HotLeadMilliseconds, probes.CheckpointMilliseconds)
            : throw new InvalidOperationException($"{open} probes did not arrive; the worker's log:\n{worker.Log}");
    }
}

/// <summary>Latencies at one rate, in milliseconds.</summary>
internal sealed record LatencyFigures(
    int Rate, int Probes, double HotP50, double HotP95, double HotP99, double HotMax,
    double CheckpointP50, double CheckpointP99, double CheckpointMax)
{
    /// <summary>Percentiles by nearest rank.</summary>
    public static LatencyFigures Of(int rate, IReadOnlyCollection<double> hot, IReadOnlyCollection<double> checkpoint)
    {
        var (h, c) = (hot.Order().ToArray(), checkpoint.Order().ToArray());
        return new LatencyFigures(
            rate, h.Length, At(h, 0.5), At(h, 0.95), At(h, 0.99), h[^1], At(c, 0.5), At(c, 0.99), c[^1]);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rate,9:N0} events/s {Probes,6:N0} probes {HotP50,13:F1} {HotP95,6:F1} {HotP99,6:F1} {HotMax,6:F1}"
        + $" {CheckpointP50,15:F0} {CheckpointP99,6:F0} {CheckpointMax,6:F0}");

    private static double At(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
