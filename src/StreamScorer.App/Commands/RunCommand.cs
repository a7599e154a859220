using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using Npgsql;
using StreamScorer.App.Hosting;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Commands;

/// <summary><c>run</c>: the worker, until SIGTERM or Ctrl-C.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var settings = new Argument<string[]>("settings")
        {
            Description = "Settings on the command line, such as --Kafka:Topic=user-events; they win over files and environment.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("run", "Runs the worker: consume, score, hot leads, checkpoints, commit. Stops gracefully on SIGTERM and Ctrl-C.")
        {
            settings,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync([.. parse.GetValue(settings) ?? [], .. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string[] arguments, CancellationToken ct)
    {
        // 1. Settings: bound once, every fault listed at once.
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = arguments, ContentRootPath = Directory.GetCurrentDirectory() });
        if (!WorkerSettings.TryBind(builder.Configuration, out var options))
            return ExitCode.BadUsage;

        // 2. Logs: lines for people on a terminal, JSON elsewhere when asked (Logging:Console:FormatterName=json).
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddSimpleConsole(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = "HH:mm:ss.fff ";
            line.ColorBehavior = LoggerColorBehavior.Default;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // The host would print a stack trace before anything a person can use; HostAsync says why in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);

        // 3. The data path.
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => new NpgsqlDataSourceBuilder(options.ConnectionStrings.HotLeads) { Name = "hot-leads" }.Build());
        builder.Services.AddSingleton(services => new PredictionEnginePool(
            new HotThreshold(options.Scoring.Threshold), log: services.GetRequiredService<ILogger<PredictionEnginePool>>()));
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<ScorerMetrics>();
        TelemetryServices.Add(builder.Services);
        builder.Services.AddSingleton<ScoringWorker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ScoringWorker>());
        // Longer than the drain and the client's close together: the host must not cut a drain that is inside its budget.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Kafka.DrainBudget + TimeSpan.FromSeconds(15));
        using var host = builder.Build();

        // 4. The model must stand before anything is consumed.
        return TryLoadModel(host, options.Scoring) ? await HostAsync(host, ct).ConfigureAwait(false) : ExitCode.Failed;
    }

    private static bool TryLoadModel(IHost host, ScoringOptions scoring)
    {
        try
        {
            host.Services.GetRequiredService<PredictionEnginePool>().FromFile(scoring.ModelName, scoring.ModelPath, scoring.WatchModel);
            return true;
        }
        catch (Exception exception) when (exception is IOException or ForestException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The model at {scoring.ModelPath} cannot be loaded: {exception.Message}\n"
                + "Train one (streamscorer train --data data/processed/training_data.parquet --out models/lead-scoring) "
                + "or set Scoring:ModelPath.");
            return false;
        }
    }

    private static async Task<int> HostAsync(IHost host, CancellationToken ct)
    {
        var worker = host.Services.GetRequiredService<ScoringWorker>();
        TelemetryServices.StartMeters(host.Services);
        await host.RunAsync(ct).ConfigureAwait(false);
        if (worker.Failure is not { } failure)
            return ExitCode.Done;
        await Console.Error.WriteLineAsync($"StreamScorer stopped: {SinkErrors.Describe(failure)}").ConfigureAwait(false);
        return ExitCode.Failed;
    }
}
