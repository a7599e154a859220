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
        var json = new Option<bool>("--json") { Description = "Figures as JSON on stdout." };
        var command = new RootCommand("The scoring API under load: requests/s and latencies.") { seconds, connections, model, json };
        command.SetAction(async (parse, ct) =>
        {
            if (!Wrk.IsThere)
            {
                await Console.Error.WriteLineAsync("error: wrk, the load generator, is missing: apt-get install wrk");
                return 3;
            }

            var load = new Wrk(parse.GetValue(connections), parse.GetValue(seconds));
            var figures = await MeasureAsync(load, parse.GetValue(model) ?? await BenchModel.TrainAsync(), ct);
            Print(figures);
            if (parse.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(figures, Indented));
            return figures.All(figure => figure.Errors == 0) ? 0 : 1;
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<IReadOnlyList<HttpFigure>> MeasureAsync(Wrk load, string modelFolder, CancellationToken ct)
    {
        var figures = new List<HttpFigure>();
        var (one, fifty) = (ScoreBodies.Make(1), ScoreBodies.Make(50));
        using (var bare = await ServerProcess.StartBareKestrelAsync(ct))
        {
            figures.Add(await load.RunAsync("bare Kestrel, tokenises", 1, bare.Address + "/", one, "", () => bare.Cpu, ct));
            figures.Add(await load.RunAsync("bare Kestrel, tokenises", 50, bare.Address + "/", fifty, "", () => bare.Cpu, ct));
        }

        await using var services = await BenchServices.StartAsync(null);
        await KafkaTopics.CreateAsync(services.Kafka, [new TopicSpec("http-bench", 4), new TopicSpec("http-bench.dead-letters", 1)], ct);
        var scope = await services.CreateScopeAsync("http-bench", "http");
        var key = await scope.CreateKeyAsync(["score"], ct);
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Find()}");
        using (var worker = WorkerRun.Start(scope, modelFolder, Settings(scope, address)))
        {
            await worker.Ready;
            figures.Add(await load.RunAsync("StreamScorer", 1, address + "/api/v1/score", one, key, () => worker.Cpu, ct));
            figures.Add(await load.RunAsync("StreamScorer", 50, address + "/api/v1/score", fifty, key, () => worker.Cpu, ct));
            await using (var stream = PacedStream.Start(services.Kafka, "http-bench", ForestModel.Load(Path.Combine(modelFolder, "model.forest")), StreamRate))
            {
                var name = $"StreamScorer, beside {StreamRate} events/s";
                figures.Add(await load.RunAsync(name, 1, address + "/api/v1/score", one, key, () => worker.Cpu, ct));
                await Console.Error.WriteLineAsync($"  the stream took {await stream.RateAsync():N0} events/s");
            }

            await worker.StopAsync();
        }

        if (ServerProcess.FastApiIsThere)
        {
            using var fastApi = await ServerProcess.StartFastApiAsync(ct);
            figures.Add(await load.RunAsync("FastAPI + XGBoost, one process", 1, fastApi.Address + "/score", one, "", () => fastApi.Cpu, ct));
            figures.Add(await load.RunAsync("FastAPI + XGBoost, one process", 50, fastApi.Address + "/score", fifty, "", () => fastApi.Cpu, ct));
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

/// <summary>One measurement.</summary>
/// <param name="ServerMicros">CPU of the server per request, beside which the client's comes: both share the machine.</param>
internal sealed record HttpFigure(
    string Server, int Leads, double RequestsPerSecond, double P50Milliseconds, double P99Milliseconds, double ServerMicros, long Errors);
