using System.Globalization;
using StreamScorer.App.Audit;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>One run of <c>bench stream</c>: stages, worker, stop under load, audit.</summary>
internal sealed class StreamBenchmarkRun(BenchServices services, int partitions)
{
    /// <summary>Names of all stages, in order.</summary>
    public static readonly string[] AllStages =
        [.. Enum.GetNames<Stage>().Select(name => name.ToLowerInvariant()), "worker", "stop", "audit"];

    private readonly List<StageFigures> _figures = [];
    private readonly Dictionary<string, object> _worker = [];
    private string _consumerSettings = "";

    public required string ModelFolder { get; init; }

    public required WorkloadShape Shape { get; init; }

    public required string Codec { get; init; }

    public required int Runs { get; init; }

    public required IReadOnlyList<string> Stages { get; init; }

    /// <summary>Whether the worker drained, stopped in order, and passed the audit.</summary>
    public bool IsClean { get; private set; } = true;

    /// <summary>Everything measured, for <c>--json</c>.</summary>
    public object ToJson() => new
    {
        workload = new { Shape.Events, Shape.Leads, Shape.FlipShare, Shape.Seed, Shape.PaddingBytes, codec = Codec, partitions },
        cores = Environment.ProcessorCount,
        consumerSettings = _consumerSettings,
        stages = _figures,
        worker = _worker,
        isClean = IsClean,
    };

    public async Task RunAsync()
    {
        var model = ForestModel.Load(Path.Combine(ModelFolder, "model.forest"));
        var topic = await StreamTopic.FillAsync(services, Shape, model, partitions, Codec);
        _consumerSettings = StageRun.ConsumerSettings(await services.CreateScopeAsync(topic, "settings"));
        Say($"consumer settings of every stage: {_consumerSettings}");
        foreach (var stage in Enum.GetValues<Stage>().Where(stage => Wants($"{stage}")))
            await MedianAsync(() => RunStageAsync(topic, stage));
        if (Wants("worker"))
            await MedianAsync(() => RunWorkerAsync(topic));
        if (Wants("stop"))
            await StopUnderLoadAsync(topic);
        WriteTable();
    }

    private bool Wants(string stage) => Stages.Contains(stage, StringComparer.OrdinalIgnoreCase);

    private async Task MedianAsync(Func<Task<StageFigures>> run)
    {
        var all = new List<StageFigures>();
        for (var i = 0; i < Runs; i++)
        {
            all.Add(await run());
            Say($"{all[^1].Stage} {i + 1}: {all[^1].EventsPerSecond:N0} events/s");
        }

        _figures.Add(all.OrderBy(figures => figures.EventsPerSecond).ElementAt(all.Count / 2));
    }

    private async Task<StageFigures> RunStageAsync(string topic, Stage stage)
    {
        var scope = await services.CreateScopeAsync(topic, "stage");
        var figures = await new StageRun(services, scope, ModelFolder, partitions, Shape.Events).RunAsync(stage);
        await services.DropTablesAsync(scope);
        return figures;
    }

    private async Task<StageFigures> RunWorkerAsync(string topic)
    {
        var scope = await services.CreateScopeAsync(topic, "worker");
        var (figures, times) = await WorkerMeasurement.RunAsync(services, scope, ModelFolder, Shape.Events);
        _worker["readySeconds"] = times.ReadySeconds;
        _worker["stopIdleSeconds"] = times.StopSeconds;
        IsClean &= times.ExitCode == 0;
        if (Wants("audit"))
            await AuditAsync(scope);
        return figures;
    }

    private async Task AuditAsync(BenchScope scope)
    {
        var report = await new AuditRunner(scope.Options()).RunAsync(new AuditRequest { Drained = true, Deep = true });
        Say($"audit: {report.Events:N0} events, lost {report.Totals.Lost}, duplicate {report.Totals.Duplicate}, unseen "
            + $"{report.Totals.Unseen}, mismatch {report.Totals.Mismatch}; hot {report.HotLeads:N0}, cooled {report.CooledLeads:N0}");
        foreach (var finding in report.Findings.Take(3))
            Say(finding.ToString());
        _worker["audit"] = new
        {
            report.Events,
            report.Totals.Lost,
            report.Totals.Duplicate,
            report.Totals.Unseen,
            report.Totals.Mismatch,
            report.HotLeads,
            report.CooledLeads,
        };
        IsClean &= report.IsClean && report.Events == Shape.Events;
    }

    /// <summary>A worker with a backlog before it is told to stop: how long the drain takes.</summary>
    private async Task StopUnderLoadAsync(string topic)
    {
        var scope = await services.CreateScopeAsync(topic, "stop");
        using var worker = WorkerRun.Start(scope, ModelFolder, []);
        await worker.Ready;
        await Task.Delay(TimeSpan.FromSeconds(2));
        var times = await worker.StopAsync();
        _worker["stopUnderLoadSeconds"] = times.StopSeconds;
        IsClean &= times.ExitCode == 0;
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"ready after {times.ReadySeconds:F2} s, stopped under load after {times.StopSeconds:F2} s"));
    }

    private void WriteTable()
    {
        Say($"\nbench stream {Shape} {Codec}, {partitions} partitions, {Environment.ProcessorCount} cores");
        Say("           events/s of ceiling  CPU µs/event: process (start)  broker Postgres     sum  bytes/event  pauses ms   GCs  peak MB");
        foreach (var f in _figures)
        {
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{f.Stage,-10}{f.EventsPerSecond,9:N0}{f.EventsPerSecond / _figures[0].EventsPerSecond,11:F2}"
                + $"{f.ProcessMicros,23:F2}{(f.StartMicros > 0 ? string.Create(CultureInfo.InvariantCulture, $"({f.StartMicros:F2})") : ""),8}{f.BrokerMicros,8:F2}{f.PostgresMicros,9:F2}{f.TotalMicros,8:F2}"
                + $"{f.AllocatedBytes,13:F0}{f.PauseMilliseconds,11:F0}{f.Collections,6}{f.PeakBytes >> 20,9}"));
        }
    }

    private static void Say(string line) => Console.Error.WriteLine(line);
}
