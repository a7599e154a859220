using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamScorer.App.LocalServices;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Http;

/// <summary>
/// <c>bench http</c>: the scoring API of a real worker under wrk, beside a bare Kestrel endpoint that only tokenises the
/// same bodies (the ceiling) and beside FastAPI + XGBoost where Python has them. Read the figures as ratios to the ceiling.
/// </summary>
internal static class HttpBenchmark
{
    private const int StreamRate = 5_000;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        if (args is ["ceiling", var port])
            return BareKestrel.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        var seconds = new Option<int>("--seconds") { Description = "Seconds of each measurement.", DefaultValueFactory = _ => 8 };
        var connections = new Option<int>("--connections") { Description = "Connections.", DefaultValueFactory = _ => 64 };
        var model = new Option<string?>("--model") { Description = "Model folder; else one is trained on the shipped leads." };
        var leads = new Option<int[]>("--leads") { Description = "Leads a request; given, the stream and FastAPI are left out.", AllowMultipleArgumentsPerToken = true };
        var settings = new Option<string[]>("--set") { Description = "A setting of the worker, Key=Value.", AllowMultipleArgumentsPerToken = true };
        var json = new Option<bool>("--json") { Description = "Figures as JSON on stdout." };
        var command = new RootCommand("The scoring API under load: requests/s and latencies.") { seconds, connections, model, leads, settings, json };
        command.SetAction(async (parse, ct) =>
        {
            if (!Wrk.IsThere)
            {
                await Console.Error.WriteLineAsync("error: wrk, the load generator, is missing: apt-get install wrk");
                return 3;
            }

            var load = new Wrk(parse.GetValue(connections), parse.GetValue(seconds));
            var plan = new HttpPlan(parse.GetValue(model) ?? await BenchModel.TrainAsync(), parse.GetValue(leads) ?? [], parse.GetValue(settings) ?? []);
            var figures = await MeasureAsync(load, plan, ct);
            Print(figures);
            if (parse.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(figures, Indented));
            return figures.All(figure => figure.Errors == 0) ? 0 : 1;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }

    private static async Task<IReadOnlyList<HttpFigure>> MeasureAsync(Wrk load, HttpPlan plan, CancellationToken ct)
    {
        var figures = new List<HttpFigure>();
        var bodies = (plan.Leads.Length > 0 ? plan.Leads : [1, 50]).ToDictionary(leads => leads, ScoreBodies.Make);
        async Task RunAsync(string server, int leads, string url, string key, Func<TimeSpan> cpu) =>
            figures.Add(await load.RunAsync(server, leads, url, bodies[leads], key, cpu, ct));
        using (var bare = await ServerProcess.StartBareKestrelAsync(ct))
        {
            foreach (var leads in bodies.Keys)
                await RunAsync("bare Kestrel, tokenises", leads, bare.Address + "/", "", () => bare.Cpu);
        }

        await using var services = await BenchServices.StartAsync(null);
        await KafkaTopics.CreateAsync(services.Kafka, [new TopicSpec("http-bench", 4), new TopicSpec("http-bench.dead-letters", 1)], ct);
        var scope = await services.CreateScopeAsync("http-bench", "http");
        var key = await scope.CreateKeyAsync(["score"], ct);
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Find()}");
        using (var worker = WorkerRun.Start(scope, plan.ModelFolder, [.. Settings(scope, address), .. plan.Settings.Select(setting => "--" + setting)]))
        {
            await worker.Ready;
            foreach (var leads in bodies.Keys)
                await RunAsync("StreamScorer", leads, address + "/api/v1/score", key, () => worker.Cpu);
            if (plan.Leads.Length == 0)
            {
                await using var stream = PacedStream.Start(services.Kafka, "http-bench", ForestModel.Load(Path.Combine(plan.ModelFolder, "model.forest")), StreamRate);
                await RunAsync($"StreamScorer, beside {StreamRate} events/s", 1, address + "/api/v1/score", key, () => worker.Cpu);
                await Console.Error.WriteLineAsync($"  the stream took {await stream.RateAsync():N0} events/s");
            }

            await worker.StopAsync();
            var (allocated, pause, collections) = worker.Memory();
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"  the worker allocated {allocated / 1e6:N0} MB, {collections} collections paused it {pause:N0} ms"));
        }

        if (plan.Leads.Length > 0)
            return figures;
        if (ServerProcess.FastApiIsThere)
        {
            using var fastApi = await ServerProcess.StartFastApiAsync(ct);
            foreach (var leads in bodies.Keys)
                await RunAsync("FastAPI + XGBoost, one process", leads, fastApi.Address + "/score", "", () => fastApi.Cpu);
        }
        else
        {
            await Console.Error.WriteLineAsync("FastAPI + XGBoost: not measured, Python has no fastapi, uvicorn and xgboost (apt: python3-fastapi python3-uvicorn python3-xgboost)");
        }

        return figures;
    }

    private static string[] Settings(BenchScope scope, string address) =>
    [
        "--Api:Enabled=true", $"--Api:Urls={address}", "--Api:ManagementUrls=http://127.0.0.1:0", "--Api:ModelsFolder=",
        $"--Api:ScoreFolder={Path.Combine(scope.Folder, "api-scores")}", "--Api:ScoreBufferRows=2000000", "--Api:ScoreMaxAge=00:00:02",
    ];

    private static void Print(IReadOnlyList<HttpFigure> figures)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"server",-40}{"leads",6}{"requests/s",12}{"of ceiling",12}{"p50 ms",9}{"p99 ms",9}{"CPU us",9}{"errors",8}");
        foreach (var figure in figures)
        {
            var ceiling = figures.First(other => other.Leads == figure.Leads).RequestsPerSecond;
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{figure.Server,-40}{figure.Leads,6}{figure.RequestsPerSecond,12:N0}{figure.RequestsPerSecond / ceiling,12:P0}"
                + $"{figure.P50Milliseconds,9:F2}{figure.P99Milliseconds,9:F2}{figure.ServerMicros,9:F1}{figure.Errors,8}");
        }

        Console.Error.Write(text);
    }
}

/// <summary>What to measure.</summary>
/// <param name="Leads">Leads a request; none: everything.</param>
/// <param name="Settings">Of the worker, <c>Key=Value</c>; they come last and win.</param>
internal sealed record HttpPlan(string ModelFolder, int[] Leads, string[] Settings);

/// <summary>One measurement.</summary>
/// <param name="ServerMicros">CPU of the server per request, beside which the client's comes: both share the machine.</param>
internal sealed record HttpFigure(
    string Server, int Leads, double RequestsPerSecond, double P50Milliseconds, double P99Milliseconds, double ServerMicros, long Errors);
