using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>
/// Repeats an operation until it succeeds, fails for good or is cancelled: waits double to a cap, with jitter. One log
/// line when a dependency's trouble starts, one at intervals, one when it ends, however many operations wait for it: the
/// trouble ends with the last of them. Readiness follows. Safe for concurrent use.
/// </summary>
public sealed class OutageRetry
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);
    private static readonly ResiliencePropertyKey<List<string>> DependenciesKey = new("dependencies");

    private readonly Readiness _readiness;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly Random _jitter;
    private readonly ResiliencePipeline _pipeline;
    private readonly Dictionary<string, Outage> _outages = new(StringComparer.Ordinal);

    /// <summary>One for the whole worker, so that an outage is told once.</summary>
    /// <param name="readiness">Follows.</param>
    /// <param name="log">Is told.</param>
    /// <param name="clock">Measures the waits.</param>
    /// <param name="jitter">Spreads the waits; null: a random one.</param>
    public OutageRetry(Readiness readiness, ILogger log, TimeProvider clock, Random? jitter = null)
    {
        _jitter = jitter ?? Random.Shared;
        _readiness = readiness;
        _log = log;
        _clock = clock;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                DelayGenerator = retry => new ValueTask<TimeSpan?>(DelayAfter(retry.AttemptNumber)),
                ShouldHandle = new PredicateBuilder().Handle<Exception>(SinkErrors.IsTransient),
                OnRetry = OnRetry,
            })
            .Build();
    }

    /// <summary>
    /// Runs the operation; transient errors (<see cref="SinkErrors.IsTransient"/>) are tried again, others thrown.
    /// </summary>
    /// <param name="dependency">
    /// One of the names in <see cref="Readiness"/>: what the operation uses, unless an error tells of another one.
    /// </param>
    /// <param name="operation">One attempt; may be called any number of times, never twice at once.</param>
    /// <param name="ct">Ends the waiting; passed on to the operation.</param>
    public async Task<T> RunAsync<T>(string dependency, Func<CancellationToken, Task<T>> operation, CancellationToken ct)
    {
        // Only the other overload meets the pipeline: of each answer's type it would compile a copy of its own at the start.
        T result = default!;
        await RunAsync(dependency, async Task (token) => result = await operation(token), ct);
        return result;
    }

    /// <summary>As the other overload, for an operation without an answer.</summary>
    public async Task RunAsync(string dependency, Func<CancellationToken, Task> operation, CancellationToken ct)
    {
        var context = ResilienceContextPool.Shared.Get(ct);
        var dependencies = new List<string> { dependency };
        context.Properties.Set(DependenciesKey, dependencies);
        try
        {
            await _pipeline.ExecuteAsync(
                static async (context, operation) => await operation(context.CancellationToken), context, operation);
            foreach (var used in dependencies)
                Recovered(used, dependencies);
        }
        finally
        {
            Leave(dependencies);
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // Polly's own exponential jitter ends at the cap, where all workers would knock in step; this one keeps it.
    private TimeSpan DelayAfter(int failedAttempts)
    {
        double doubled = FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(failedAttempts, 30));
        return TimeSpan.FromSeconds(Math.Min(doubled, LongestDelay.TotalSeconds) * (0.5 + (_jitter.NextDouble() / 2)));
    }

    private ValueTask OnRetry(OnRetryArguments<object> retry)
    {
        var dependencies = retry.Context.Properties.GetValue(DependenciesKey, []);
        string dependency = SinkErrors.DependencyOf(retry.Outcome.Exception!) ?? dependencies[0];
        if (!dependencies.Contains(dependency))
            dependencies.Add(dependency);
        string reason = SinkErrors.Describe(retry.Outcome.Exception!);
        var now = _clock.GetUtcNow();
        lock (_outages)
        {
            _readiness.Down(dependency, reason);
            if (!_outages.TryGetValue(dependency, out var outage))
            {
                _outages[dependency] = new Outage { Since = now, LastLogged = now, FailedAttempts = 1, Waiting = { dependencies } };
                _log.DependencyDown(dependency, reason, RemedyFor(dependency));
                return default;
            }

            outage.Waiting.Add(dependencies);
            outage.FailedAttempts++;
            if (now - outage.LastLogged >= LogInterval)
            {
                outage.LastLogged = now;
                _log.DependencyStillDown(dependency, (long)(now - outage.Since).TotalSeconds, outage.FailedAttempts, reason);
            }
        }

        return default;
    }

    private void Recovered(string dependency, List<string> operation)
    {
        lock (_outages)
        {
            if (_outages.TryGetValue(dependency, out var outage))
            {
                outage.Waiting.Remove(operation);
                if (outage.Waiting.Count > 0)
                    return;
                _outages.Remove(dependency);
                _log.DependencyBack(dependency, Math.Round((_clock.GetUtcNow() - outage.Since).TotalSeconds, 1));
            }

            _readiness.Up(dependency);
        }
    }

    /// <summary>An operation that is given up waits for nothing any more; the outage lasts until another one succeeds.</summary>
    private void Leave(List<string> operation)
    {
        lock (_outages)
        {
            foreach (var outage in _outages.Values)
                outage.Waiting.Remove(operation);
        }
    }

    private static string RemedyFor(string dependency) => dependency switch
    {
        Readiness.PostgreSql => "If it does not come back by itself, check ConnectionStrings:HotLeads.",
        Readiness.CheckpointFolder => "If it does not come back by itself, check Checkpoint:Folder, its space and permissions.",
        Readiness.Kafka => "If it does not come back by itself, check Kafka:BootstrapServers.",
        _ => "",
    };

    private sealed class Outage
    {
        public DateTimeOffset Since { get; init; }

        public DateTimeOffset LastLogged { get; set; }

        public int FailedAttempts { get; set; }

        /// <summary>Operations whose last attempt failed, each known by its list of dependencies.</summary>
        public HashSet<List<string>> Waiting { get; } = new(ReferenceEqualityComparer.Instance);
    }
}
