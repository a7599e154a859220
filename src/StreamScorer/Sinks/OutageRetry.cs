using Microsoft.Extensions.Logging;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>
/// Repeats an operation until it succeeds, fails for good or is cancelled: waits double to a cap, with jitter. One log
/// line when the trouble starts, one at intervals, one when it ends; readiness follows.
/// </summary>
public sealed class OutageRetry(Readiness readiness, ILogger log, TimeProvider clock)
{
    /// <summary>Runs the operation; transient errors (<see cref="SinkErrors.IsTransient"/>) are tried again, others thrown.</summary>
    public Task<T> RunAsync<T>(string dependency, Func<CancellationToken, Task<T>> operation, CancellationToken ct) =>
        throw new NotImplementedException(readiness.ToString() + log + clock);

    /// <summary>Runs the operation; transient errors (<see cref="SinkErrors.IsTransient"/>) are tried again, others thrown.</summary>
    public Task RunAsync(string dependency, Func<CancellationToken, Task> operation, CancellationToken ct) =>
        throw new NotImplementedException();
}
