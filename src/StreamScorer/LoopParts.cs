using Microsoft.Extensions.Logging;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer;

/// <summary>What <see cref="MicroBatchLoop"/> is wired from.</summary>
public sealed record LoopParts
{
    /// <summary>All settings.</summary>
    public required StreamScorerOptions Options { get; init; }

    /// <summary>1 consume, 6 commit.</summary>
    public required IMicroBatchSource Source { get; init; }

    /// <summary>3 score.</summary>
    public required PredictionEnginePool Pool { get; init; }

    /// <summary>4 write hot leads.</summary>
    public required HotLeadWriter HotLeads { get; init; }

    /// <summary>Records that can never be scored.</summary>
    public required IDeadLetterTopic DeadLetters { get; init; }

    /// <summary>5 checkpoint.</summary>
    public required CheckpointJob Checkpoints { get; init; }

    /// <summary>Take, settle, consume: PROTOCOL step 1.</summary>
    public required PartitionTaker Taker { get; init; }

    /// <summary>Progress.</summary>
    public required IProgressLedger Ledger { get; init; }

    /// <summary>Finishes what other workers left.</summary>
    public required Settlement Settlement { get; init; }

    /// <summary>Waits out outages.</summary>
    public required OutageRetry Retry { get; init; }

    /// <summary>Counters.</summary>
    public required ScorerMetrics Metrics { get; init; }

    /// <summary>What the models are fed and what they answer.</summary>
    public required DataQuality Quality { get; init; }

    /// <summary>Told that the loop moves.</summary>
    public required LoopPulse Pulse { get; init; }

    /// <summary>The clock that due times follow.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Where the loop tells what it does.</summary>
    public required ILogger Log { get; init; }
}
