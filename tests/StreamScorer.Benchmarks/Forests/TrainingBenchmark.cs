using System.Diagnostics;
using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// <c>bench training</c>: seconds and memory of training with all cores. The large table is trained in a process of its own,
/// whose peak memory is the kernel's figure. Exit code 1 when one thread gives another model than all of them.
/// </summary>
internal static class TrainingBenchmark
{
    private const string LargeArgument = "large";
    private const int LargeRows = 1_000_000;
    private const int LargeFeatures = 20;
    private const int Rounds = 3;

    public static Task<int> RunAsync(string[] args)
    {
        if (args is [LargeArgument])
            return Task.FromResult(TrainLarge());
        if (args.Length > 0)
        {
            Console.Error.WriteLine("error: bench training takes no options");
            return Task.FromResult(2);
        }

        var leads = LeadTable.Read().Training;
        var table = new ReportTable($"Training, {Environment.ProcessorCount} cores", "what", "rows", "seconds", "peak memory", "target");
        var same = true;
        Add("reference forest, 100 trees x depth 10", 1, threads => RandomForestTrainer.Train(
            "forest", leads.Schema, leads.Values, leads.Labels, new RandomForestOptions { Threads = threads }));
        Add("boosting, 300 trees, depth chosen, with 5 folds", 2, threads => GradientBoostingTrainer.Train(
            "boosting", leads.Schema, leads.Values, leads.Labels,
            new GradientBoostingOptions { Trees = 300, EarlyStoppingTrees = 300, Threads = threads }));
        Add("ensemble of both, default settings", null, threads => EnsembleTrainer.Train(
            "ensemble", leads.Schema, leads.Values, leads.Labels, new EnsembleOptions
            {
                Forest = new() { Threads = threads },
                Boosting = new EnsembleOptions().Boosting with { Threads = threads },
            }));
        AddLarge(table);
        table.WriteTo(StandardOutput.Console);
        return Task.FromResult(same ? 0 : 1);

        void Add(string what, double? target, Func<int, ForestModel> train)
        {
            var oneThread = train(1);
            var seconds = Fastest(() => train(Environment.ProcessorCount), out var model);
            table.Row(what, leads.Count, Text(seconds), "", Verdict(seconds, target));
            if (model.Id == oneThread.Id)
                return;
            Console.Error.WriteLine($"error: {what}: one thread gives another model");
            same = false;
        }
    }

    private static double Fastest(Func<ForestModel> train, out ForestModel model)
    {
        (var fastest, model) = (double.MaxValue, null!);
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            model = train();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return fastest;
    }

    private static void AddLarge(ReportTable table)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(TrainingBenchmark).Assembly.Location);
        start.ArgumentList.Add("training");
        start.ArgumentList.Add(LargeArgument);
        using var process = Process.Start(start)!;
        var words = process.StandardOutput.ReadToEnd().Trim().Split(' ');
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"Training the large table ended with exit code {process.ExitCode}.");
        var seconds = double.Parse(words[0], CultureInfo.InvariantCulture);
        var megabytes = double.Parse(words[1], CultureInfo.InvariantCulture);
        table.Row(
            $"forest, 100 trees x depth 10, {LargeFeatures} features", LargeRows, Text(seconds), $"{megabytes:F0} MB",
            $"{Verdict(seconds, 60)}, {(megabytes < 1000 ? "" : "MISSED ")}< 1,000 MB");
    }

    // Prints seconds and the peak of the whole process, the feature rows (160 MB) included.
    private static int TrainLarge()
    {
        var wide = new WideTable(seed: 11, LargeRows, LargeFeatures);
        var start = Stopwatch.GetTimestamp();
        RandomForestTrainer.Train("large", wide.Schema, wide.Rows, wide.Labels, new RandomForestOptions());
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kilobytes = long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} {kilobytes / 1024.0:F0}"));
        return 0;
    }

    private static string Verdict(double seconds, double? most) => most is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{(seconds <= most ? "" : "MISSED ")}<= {most} s");

    private static string Text(double seconds) => seconds.ToString("F2", CultureInfo.InvariantCulture);
}
