using StreamScorer.Telemetry;

namespace StreamScorer.App.Api;

/// <summary>What the health endpoints answer, from what the parts of the worker report by themselves.</summary>
internal sealed class HealthStatus(Readiness readiness, LoopPulse pulse, StreamScorerOptions options)
{
    // An idle loop comes round with every settlement; three missed ones, and a minute, are no coincidence.
    private TimeSpan Patience => (options.Checkpoint.SettleInterval * 3) + TimeSpan.FromMinutes(1);

    /// <summary>Whether the start is over: every dependency has answered once and the loop runs.</summary>
    public bool HasStarted => pulse.HasStarted;

    /// <summary>Whether the loop makes progress, or waits for a dependency that is known to be away.</summary>
    public bool IsLive => pulse.Age < Patience || !readiness.IsReady;

    /// <summary>Whether Kafka, PostgreSQL, the model and the checkpoint folder were all up at their last use.</summary>
    public bool IsReady => readiness.IsReady && HasStarted;

    /// <summary>Each dependency, for operators.</summary>
    public IReadOnlyDictionary<string, DependencyStatus> Dependencies => readiness.Statuses;

    /// <summary>The answer to a question such as <c>ready</c>; null: there is no such question.</summary>
    /// <param name="question">The path's last part: <c>health</c>, <c>startup</c>, <c>live</c> or <c>ready</c>.</param>
    public bool? Answer(ReadOnlySpan<char> question) => question switch
    {
        "startup" => HasStarted,
        "live" => IsLive,
        "ready" or "health" => IsReady && IsLive,
        _ => null,
    };
}
