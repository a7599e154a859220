using System.CommandLine;
using System.Text.Json;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// <c>bench stream</c>: the whole product end to end, on a Kafka and a PostgreSQL of its own. Fills a topic, then lets
/// each stage work it off in the same run, the bare consume loop first: figures are to be read as ratios to it.
/// </summary>
internal static class StreamBenchmark
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var events = new Option<int>("--events") { Description = "Events.", DefaultValueFactory = _ => 2_000_000 };
        var leads = new Option<int>("--leads") { Description = "Distinct leads.", DefaultValueFactory = _ => 100_000 };
        var flips = new Option<double>("--flips")
        {
            Description = "Share of events that flip their lead between hot and cold, up to 0.5.",
            DefaultValueFactory = _ => 0.02,
        };
        var codec = new Option<string>("--codec") { Description = "none or lz4.", DefaultValueFactory = _ => "none" };
        codec.AcceptOnlyFromAmong("none", "lz4");
        var partitions = new Option<int>("--partitions") { Description = "Partitions.", DefaultValueFactory = _ => 12 };
        var padding = new Option<int>("--padding") { Description = "Bytes added to each event.", DefaultValueFactory = _ => 0 };
        var model = new Option<string?>("--model") { Description = "Model folder; else one is trained on the shipped leads." };
        var stages = new Option<string[]>("--stages")
        {
            Description = $"Which of {string.Join(' ', StreamBenchmarkRun.AllStages)}.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => StreamBenchmarkRun.AllStages,
        };
        var runs = new Option<int>("--runs") { Description = "Runs of each; the median is told.", DefaultValueFactory = _ => 1 };
        var folder = new Option<string?>("--folder") { Description = "Keep services and topics here, for further runs." };
        var json = new Option<bool>("--json") { Description = "Figures as JSON on stdout." };
        var set = new Option<string[]>("--set")
        {
            Description = "Settings of the worker, such as MicroBatch:MaxRecords=8192.",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new RootCommand("The worker stage by stage and whole: events/s, CPU, memory; then the audit.")
        {
            events, leads, flips, codec, partitions, padding, model, stages, runs, folder, json, set,
        };
        command.SetAction(async parse =>
        {
            await using var services = await BenchServices.StartAsync(parse.GetValue(folder));
            services.Settings = parse.GetValue(set) ?? [];
            var run = new StreamBenchmarkRun(services, parse.GetValue(partitions))
            {
                ModelFolder = parse.GetValue(model) ?? await BenchModel.TrainAsync(),
                Shape = new WorkloadShape(parse.GetValue(events), parse.GetValue(leads), parse.GetValue(flips))
                {
                    PaddingBytes = parse.GetValue(padding),
                },
                Codec = parse.GetValue(codec)!,
                Runs = parse.GetValue(runs),
                Stages = parse.GetValue(stages)!,
            };
            await run.RunAsync();
            if (parse.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(run.ToJson(), Indented));
            return run.IsClean ? 0 : 1;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }
}
