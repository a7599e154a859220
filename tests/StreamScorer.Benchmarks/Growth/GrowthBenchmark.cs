using System.CommandLine;
using System.Text.Json;
using StreamScorer.App;
using StreamScorer.Benchmarks.Stream;

namespace StreamScorer.Benchmarks.Growth;

/// <summary><c>bench growth</c>: how the cost of an event grows with everything that grows; a table and a plot for each.</summary>
internal static class GrowthBenchmark
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    // A new worker adds no work to an event, nor does a partition or a lead more; a tree, a feature and a byte do.
    private static readonly GrowthCurve[] Curves =
    [
        new("features", "features of the model", "µs an event, one thread", 1, ModelGrowth.Columns),
        new("trees", "trees of the model", "µs an event, one thread", 1, ModelGrowth.Columns),
        new("partitions", "partitions", "µs of CPU an event", 0, ServiceGrowth.Columns),
        new("size", "bytes of an event", "µs of CPU an event", 1, ServiceGrowth.Columns),
        new("leads", "leads in hot_leads", "µs of CPU an event", 0, TableGrowth.Columns),
        new("workers", "workers, each on one core", "µs of CPU an event", 0, WorkerScaling.Columns),
        new("shares", "workers, each on a quarter of one core", "µs of CPU an event", 0, WorkerScaling.Columns),
    ];

    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var only = new Option<string[]>("--only")
        {
            Description = $"Which of {string.Join(' ', Curves.Select(curve => curve.Name))}.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. Curves.Select(curve => curve.Name)],
        };
        only.AcceptOnlyFromAmong([.. Curves.Select(curve => curve.Name)]);
        var events = new Option<int>("--events")
        {
            Description = "Events at each size; for workers and shares ten times as many.",
            DefaultValueFactory = _ => 400_000,
        };
        var leads = new Option<int>("--largest-leads")
        {
            Description = "The most leads in hot_leads; 10000000 takes 15 GB of disk and ten minutes.",
            DefaultValueFactory = _ => 1_000_000,
        };
        var postgres = new Option<string[]>("--postgres")
        {
            Description = "Settings of the database server, such as shared_buffers=2GB.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        postgres.Validators.Add(result =>
        {
            var settings = result.GetValueOrDefault<string[]>() ?? [];
            if (Array.Find(settings, setting => setting.IndexOf('=', StringComparison.Ordinal) < 1) is { } wrong)
                result.AddError($"--postgres: '{wrong}' is no name=value.");
        });
        var plots = new Option<string>("--out")
        {
            Description = "Folder of the SVG plots.",
            DefaultValueFactory = _ => InstallationFolder.Local("bench-growth"),
        };
        var json = new Option<bool>("--json") { Description = "Figures as JSON on stdout." };
        var command = new RootCommand("How the cost of an event grows: a table, a plot and a verdict for each.")
        {
            only, events, leads, postgres, plots, json,
        };
        command.SetAction(async parse =>
        {
            var run = new GrowthRun(parse.GetValue(events), parse.GetValue(leads), parse.GetValue(postgres)!, parse.GetValue(plots)!);
            var curves = Curves.Where(curve => parse.GetValue(only)!.Contains(curve.Name)).ToList();
            foreach (var curve in curves)
                await run.RunAsync(curve);
            foreach (var curve in curves)
                Console.Error.WriteLine(curve.Verdict);
            if (parse.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new { cores = Environment.ProcessorCount, curves }, Indented));
            return curves.TrueForAll(curve => curve.IsAsExpected) ? 0 : 1;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }
}

/// <summary>Measures curve by curve; each has services of its own, gone afterwards.</summary>
internal sealed class GrowthRun(int events, int largestLeads, string[] postgresSettings, string plots)
{
    /// <summary>Measures a curve, row by row as they come, and writes its plot.</summary>
    public async Task RunAsync(GrowthCurve curve)
    {
        Console.Error.WriteLine($"\n{curve.Name}\n{curve.Row(null)}");
        void Tell(GrowthPoint point)
        {
            curve.Points.Add(point);
            Console.Error.WriteLine(curve.Row(point));
        }

        if (curve.Name == "features")
            ModelGrowth.Features(Tell);
        else if (curve.Name == "trees")
            ModelGrowth.Trees(Tell);
        else
            await WithServicesAsync(curve.Name, Tell);
        Directory.CreateDirectory(plots);
        var file = Path.Combine(plots, $"growth-{curve.Name}.svg");
        await File.WriteAllTextAsync(file, curve.ToSvg());
        Console.Error.WriteLine($"{curve.Verdict}\n{file}");
    }

    private async Task WithServicesAsync(string name, Action<GrowthPoint> tell)
    {
        await using var services = await BenchServices.StartAsync(null, postgresSettings);
        var model = await BenchModel.TrainAsync();
        var work = name switch
        {
            "partitions" => new ServiceGrowth(services, model, events).PartitionsAsync(tell),
            "size" => new ServiceGrowth(services, model, events).SizesAsync(tell),
            "leads" => new TableGrowth(services, model, events, largestLeads).LeadsAsync(tell),
            "shares" => new WorkerScaling(services, events * 10, WorkerScaling.QuarterOfACore).WorkersAsync(tell),
            _ => new WorkerScaling(services, events * 10, 1).WorkersAsync(tell),
        };
        await work;
    }
}
