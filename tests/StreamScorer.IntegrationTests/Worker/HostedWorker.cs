using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamScorer.App.Hosting;
using StreamScorer.Scoring;
using StreamScorer.Telemetry;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>The worker inside the test's own process: its readiness and its log can be looked at while it runs.</summary>
internal sealed class HostedWorker : IAsyncDisposable
{
    private readonly RecordedLog _log = new();
    private readonly ServiceProvider _services;
    private readonly ScoringWorker _worker;

    private HostedWorker(StreamScorerOptions options)
    {
        var pool = new PredictionEnginePool(new HotThreshold(options.Scoring.Threshold));
        pool.FromFile(options.Scoring.ModelName, options.Scoring.ModelPath, watchForChanges: false);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_log).SetMinimumLevel(LogLevel.Information));
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads));
        services.AddSingleton(_ => pool);
        services.AddSingleton<Readiness>();
        services.AddSingleton<ScorerMetrics>();
        TelemetryServices.Add(services);
        services.AddSingleton<ScoringWorker>();
        _services = services.BuildServiceProvider();
        _worker = _services.GetRequiredService<ScoringWorker>();
    }

    /// <summary>What the worker thinks of its dependencies.</summary>
    public Readiness Readiness => _services.GetRequiredService<Readiness>();

    /// <summary>Everything the worker logged so far.</summary>
    public string Log => _log.ToString();

    /// <summary>Why it ended by itself; null while it runs.</summary>
    public Exception? Failure => _worker.Failure;

    /// <summary>Starts a worker on the scope's topic, group, schema and folder.</summary>
    public static async Task<HostedWorker> StartAsync(TestScope scope, string modelFolder, params (string Name, string Value)[] settings)
    {
        var values = scope.ToSettings();
        values["Scoring:ModelPath"] = modelFolder;
        values["Checkpoint:MaxAge"] = "00:00:00.500";
        values["Kafka:SessionTimeout"] = "00:00:06";
        values["Kafka:DrainBudget"] = "00:00:04";
        foreach (var (name, value) in settings)
            values[name] = value;
        var worker = new HostedWorker(SettingsBinder.Bind(new ConfigurationBuilder().AddInMemoryCollection(values).Build()));
        await worker._worker.StartAsync(CancellationToken.None);
        return worker;
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public Task StopAsync() => _worker.StopAsync(CancellationToken.None);

    /// <summary>Waits until the worker's readiness blames (or, with false, clears) the dependency.</summary>
    public Task WaitForAsync(string dependency, bool isUp, int seconds = 60) => WaitAsync(
        () => Task.FromResult(Readiness.Statuses[dependency].IsUp == isUp), $"{dependency} {(isUp ? "up" : "down")}", seconds);

    /// <summary>Waits until the ledger covers every record of the topic.</summary>
    public Task WaitUntilDrainedAsync(TestScope scope, int seconds = 60)
    {
        var end = WorkerProcess.EndOffsets(scope);
        return WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) >= end, $"progress of {end} records", seconds);
    }

    /// <summary>Waits for a condition; fails with the log.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what, int seconds = 60)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed.TotalSeconds > seconds)
                throw new InvalidOperationException($"The worker did not come to: {what}. Failure: {Failure}. Its log:\n{Log}");
            await Task.Delay(20);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }

    private sealed class RecordedLog : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }

        public override string ToString()
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }
}
