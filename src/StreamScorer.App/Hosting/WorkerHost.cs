using Microsoft.Extensions.Logging.Console;
using Npgsql;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;

namespace StreamScorer.App.Hosting;

/// <summary>The data path as services of a host, with or without the HTTP surface beside it.</summary>
internal static class WorkerHost
{
    /// <summary>Registers logs and the data path.</summary>
    public static void Add(IHostApplicationBuilder builder, StreamScorerOptions options)
    {
        AddLogs(builder);
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
    }

    /// <summary>The model must stand before anything is consumed. False: why not was written to stderr.</summary>
    public static bool TryLoadModel(IServiceProvider services, ScoringOptions scoring)
    {
        TelemetryServices.StartMeters(services);
        try
        {
            services.GetRequiredService<PredictionEnginePool>().FromFile(scoring.ModelName, scoring.ModelPath, scoring.WatchModel);
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

    /// <summary>
    /// Starts the host, waits for its end, and gives the verb's exit code; why a worker ended by itself is told to stderr.
    /// Not the host's own RunAsync, which disposes the services before the worker can be asked how it ended.
    /// </summary>
    public static async Task<int> RunToEndAsync(IHost host, Func<Task> start, CancellationToken ct)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await start().ConfigureAwait(false);
            await host.WaitForShutdownAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            // Told to stop, or ended by itself, before the last service had started: those that had are stopped in order.
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        if ((host.Services.GetRequiredService<ScoringWorker>().Failure ?? host.Services.GetRequiredService<OutcomeWorker>().Failure) is not { } failure)
            return ExitCode.Done;
        await Console.Error.WriteLineAsync($"StreamScorer stopped: {SinkErrors.Describe(failure)}").ConfigureAwait(false);
        return ExitCode.Failed;
    }

    // Lines for people on a terminal, JSON for whoever collects them; Logging:Console:FormatterName=simple or json decides otherwise.
    private static void AddLogs(IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.Configure(factory => factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        var chosen = builder.Configuration["Logging:Console:FormatterName"];
        builder.Logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = chosen ?? (Console.IsErrorRedirected ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple);
        });
        builder.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
            json.IncludeScopes = true;
            json.JsonWriterOptions = new System.Text.Json.JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
        builder.Services.Configure<SimpleConsoleFormatterOptions>(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = "HH:mm:ss.fff ";
            line.ColorBehavior = LoggerColorBehavior.Default;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // The host would print a stack trace before anything a person can use; the verb says why in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
    }
}
