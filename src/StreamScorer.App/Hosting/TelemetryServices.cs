using StreamScorer.App.Alerts;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.App.Hosting;

/// <summary>What watches the data path, as services of the worker's host.</summary>
internal static class TelemetryServices
{
    /// <summary>The figures, and what runs beside the worker to keep them.</summary>
    public static void Add(IServiceCollection services)
    {
        AddFigures(services);
        services.AddSingleton<OutcomeWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<OutcomeWorker>());
        services.AddHostedService(provider => provider.GetRequiredService<AlertWorker>());
    }

    /// <summary>The figures alone; nothing runs.</summary>
    public static void AddFigures(IServiceCollection services)
    {
        services.AddSingleton<LoopPulse>();
        services.AddSingleton<TraceExport>();
        services.AddSingleton(provider => new DataQuality(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<StreamScorerOptions>().Quality.Enabled));
        services.AddSingleton<DataQualityMetrics>();
        services.AddSingleton<WorkerMetrics>();
        services.AddSingleton<OutcomeMetrics>();
        services.AddSingleton<AlertFigureReader>();
        services.AddSingleton<AlertWorker>();
        services.AddSingleton(provider => new OutageRetry(
            provider.GetRequiredService<Readiness>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger("StreamScorer"),
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Makes the meters that nobody else asks for, so that exporters see them from the start.</summary>
    public static void StartMeters(IServiceProvider services)
    {
        services.GetRequiredService<TraceExport>();
        services.GetRequiredService<WorkerMetrics>();
        services.GetRequiredService<DataQualityMetrics>();
        services.GetRequiredService<OutcomeMetrics>();
    }
}
