using System.CommandLine;
using System.Text.Json;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// <c>bench latency</c>: from the moment at which an event was due to be published until its lead stands in hot_leads, and
/// until its offset stands in a registered checkpoint, at steady rates.
/// </summary>
internal static class LatencyBenchmark
{
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
        var warmUp = new Option<int>("--warm-up") { Description = "Seconds of load before them.", DefaultValueFactory = _ => 8 };
        var linger = new Option<double>("--linger")
        {
            Description = "Milliseconds for which the publisher gathers records (linger.ms; 5 is the client's default).",
            DefaultValueFactory = _ => 5,
        };
        var timeline = new Option<bool>("--timeline") { Description = "Second by second, too." };
        var json = new Option<bool>("--json") { Description = "Figures as JSON on stdout." };
        var set = new Option<string[]>("--set")
        {
            Description = "Settings of the worker, such as MicroBatch:MaxWait=00:00:00.005.",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new RootCommand("From publishing to hot_leads and to the checkpoint, at steady rates.")
        {
            rates, seconds, warmUp, linger, timeline, json, set,
        };
        command.SetAction(async parse =>
        {
            await using var services = await BenchServices.StartAsync(null);
            services.Settings = ["Checkpoint:MaxAge=00:00:02", .. parse.GetValue(set) ?? []];
            var load = new LatencyLoad(parse.GetValue(warmUp), parse.GetValue(seconds), parse.GetValue(linger));
            var run = new LatencyRun(services, await BenchModel.TrainAsync(), load);
            var all = new List<LatencyFigures>();
            Say($"{load.Seconds} s after {load.WarmUpSeconds} s of warm-up; one publisher, linger.ms={load.LingerMilliseconds}; "
                + $"{Environment.ProcessorCount} cores; {string.Join(' ', services.Settings)}");
            Say("milliseconds from the due time             hot_leads                       checkpoint              processors used");
            Say("events/s  probes      p50     p95     p99     max      p50     p95     p99     max  publisher broker worker Postgres");
            foreach (var rate in parse.GetValue(rates)!)
            {
                all.Add(await run.MeasureAsync(rate));
                Say($"{all[^1]}");
                if (parse.GetValue(timeline))
                    foreach (var (second, times) in all[^1].HotLeadsBySecond.Index())
                        Say($"  second {second + 1,3}      {times}");
            }

            if (parse.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new { load, cores = Environment.ProcessorCount, services.Settings, rates = all }, Indented));
            return 0;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }

    private static void Say(string line) => Console.Error.WriteLine(line);
}
