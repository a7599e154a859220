using System.Reflection;
using BenchmarkDotNet.Running;
using StreamScorer.Benchmarks;
using StreamScorer.Benchmarks.Audit;
using StreamScorer.Benchmarks.Forests;
using StreamScorer.Benchmarks.Growth;
using StreamScorer.Benchmarks.Http;
using StreamScorer.Benchmarks.Parquet;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Benchmarks.Viewers;

// `./streamscorer bench NAME [options]`: one line per benchmark that prints its own table; `micro` runs BenchmarkDotNet's.
// Each returns an exit code: 0 measured, 1 something measured was wrong (an audit, a checksum), 2 bad usage.
(string Name, string Summary, Func<string[], Task<int>> Run)[] benches =
[
    ("micro", "Single stages, by BenchmarkDotNet: micro --filter '*Decode*'", RunMicroBenchmarks),
    ("stream", "The whole worker on a Kafka and a PostgreSQL of its own, stage by stage", StreamBenchmark.RunAsync),
    ("http", "The scoring API under load, beside bare Kestrel and FastAPI + XGBoost", HttpBenchmark.RunAsync),
    ("scoring", "Scoring a row: µs and bytes, beside the reference scorer and XGBoost", ScoringBenchmark.RunAsync),
    ("latency", "From publishing to hot_leads and to the checkpoint, at steady rates", LatencyBenchmark.RunAsync),
    ("viewers", "Fifty open pages beside a stream at full speed: throughput, CPU of a viewer, answer times", ViewersBenchmark.RunAsync),
    ("compare", "Two settings of the worker, turn by turn: compare --first Quality:Enabled=false", CompareBenchmark.RunAsync),
    ("growth", "How an event's cost grows with workers, partitions, features, trees, bytes, leads", GrowthBenchmark.RunAsync),
    ("path", "What each step of the worker costs per event on one thread, without services", PathBenchmark.RunAsync),
    ("audit", "The audit of millions of offsets: offsets a second and peak memory", AuditBenchmark.RunAsync),
    ("quality", "AUC and log loss on the ten recorded splits, beside a tuned XGBoost and a forest", QualityBenchmark.RunAsync),
    ("generalise", "Default settings beside a tuned XGBoost on other tables: generalise [--csv FILE --label COLUMN]",
        GeneralisationBenchmark.RunAsync),
    ("training", "Seconds and memory of training, up to a million rows", TrainingBenchmark.RunAsync),
    ("reasons", "What explaining a row costs beside scoring it", ReasonsBenchmark.RunAsync),
    ("parquet", "Writing and reading score rows on one thread, codec by codec, beside DuckDB", ParquetBenchmark.RunAsync),
    ("fuzz-parquet", "Spoilt Parquet files by the million: fuzz-parquet [--inputs N] [--seed N]", ParquetFuzzRun.RunAsync),
    ("fuzz-models", "A million damaged model files: each gives a model or a clear error", FuzzModelsBenchmark.RunAsync),
];

var name = args.FirstOrDefault() ?? "--help";
foreach (var bench in benches)
{
    if (bench.Name != name)
        continue;
    try
    {
        return await bench.Run(args[1..]);
    }
    catch (MeasurementException exception)
    {
        await Console.Error.WriteLineAsync($"error: {exception.Message}");
        return 1;
    }
}

var help = name is "--help" or "-h" or "help";
if (!help)
    Console.Error.WriteLine($"error: there is no benchmark '{name}'");
(help ? Console.Out : Console.Error).WriteLine(
    "Usage: ./streamscorer bench NAME [options]\n\n"
    + string.Concat(benches.Select(bench => $"  {bench.Name,-14}{bench.Summary}\n")));
return help ? 0 : 2;

static Task<int> RunMicroBenchmarks(string[] args)
{
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
    return Task.FromResult(0);
}
