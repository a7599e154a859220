using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Audit;

/// <summary>
/// <c>bench audit</c>: a topic that a real worker has worked off, then the <c>audit</c> verb over it in a process of its own,
/// by file footers and ranges alone and with every row against the topic: offsets a second and the most memory held.
/// </summary>
internal static class AuditBenchmark
{
    private const int Partitions = 12;
    private const long BytesPerMebibyte = 1 << 20;

    // The design's figures: at least so many offsets a second with --deep, in memory that does not grow with the topic.
    private const double LeastOffsetsPerSecond = 500_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var events = new Option<int>("--events") { Description = "Events on the topic.", DefaultValueFactory = _ => 3_000_000 };
        var leads = new Option<int>("--leads") { Description = "Distinct leads.", DefaultValueFactory = _ => 100_000 };
        var runs = new Option<int>("--runs") { Description = "Audits of each kind; the median is told.", DefaultValueFactory = _ => 3 };
        var folder = new Option<string?>("--folder") { Description = "Keep services and topics here, for further runs." };
        var command = new RootCommand("The audit of millions of offsets: offsets/s and peak memory; exit code 1 when one is not clean.")
        {
            events, leads, runs, folder,
        };
        command.SetAction(async parse =>
        {
            await using var services = await BenchServices.StartAsync(parse.GetValue(folder));
            var scope = await WorkOffAsync(services, new WorkloadShape(parse.GetValue(events), parse.GetValue(leads)));
            var clean = await MeasureAsync(scope, "footers and ranges", parse.GetValue(runs), "--drained");
            clean &= await MeasureAsync(scope, "every row (--deep)", parse.GetValue(runs), "--drained", "--deep");
            return clean ? 0 : 1;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }

    private static async Task<BenchScope> WorkOffAsync(BenchServices services, WorkloadShape shape)
    {
        var modelFolder = await BenchModel.TrainAsync();
        var model = ForestModel.Load(Path.Combine(modelFolder, "model.forest"));
        var scope = await services.CreateScopeAsync(await StreamTopic.FillAsync(services, shape, model, Partitions, "none"), "audit");
        using var worker = WorkerRun.Start(scope, modelFolder, []);
        await worker.Ready;
        await worker.WaitForProgressAsync(shape.Events, Patience);
        await worker.StopAsync();
        return scope;
    }

    private static async Task<bool> MeasureAsync(BenchScope scope, string name, int runs, params string[] arguments)
    {
        var all = new List<(double Seconds, long PeakBytes, long Events, bool Clean)>();
        for (var run = 0; run < runs; run++)
            all.Add(await AuditAsync(scope, arguments));
        var median = all.OrderBy(each => each.Seconds).ElementAt(all.Count / 2);
        var rate = median.Events / median.Seconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"audit, {name,-20} {median.Events,12:N0} offsets in {median.Seconds,6:F1} s  {rate,10:N0} offsets/s  "
            + $"{rate / LeastOffsetsPerSecond,5:F2} x the figure to reach  peak {median.PeakBytes / BytesPerMebibyte:N0} MiB"));
        return all.TrueForAll(each => each.Clean);
    }

    /// <summary>Start-up and the JIT count too: it is what a person waits for.</summary>
    private static async Task<(double Seconds, long PeakBytes, long Events, bool Clean)> AuditAsync(BenchScope scope, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll"), "audit", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scope.Folder,
        };
        foreach (var (name, value) in scope.Settings())
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var watch = Stopwatch.StartNew();
        using var audit = Process.Start(start)!;
        var output = audit.StandardOutput.ReadToEndAsync();
        var errors = audit.StandardError.ReadToEndAsync();
        var peak = 0L;
        while (!audit.WaitForExit(TimeSpan.FromMilliseconds(50)))
            peak = Math.Max(peak, audit.HasExited ? 0 : ProcessTimes.PeakResidentBytes(audit.Id.ToString(CultureInfo.InvariantCulture)));
        var seconds = watch.Elapsed.TotalSeconds;
        if (audit.ExitCode > 1)
            throw new InvalidOperationException($"The audit ended with code {audit.ExitCode}:\n{await errors}");
        using var report = JsonDocument.Parse((await output).TrimEnd().Split('\n')[^1]);
        return (seconds, peak, report.RootElement.GetProperty("events").GetInt64(), audit.ExitCode == 0);
    }
}
