using StreamScorer.Features;

namespace StreamScorer.Sinks;

/// <summary>
/// One scored event as both sinks take it; lead id, event id and reasons travel beside it as spans. A struct that the
/// loop fills in place.
/// </summary>
public struct ScoredEvent
{
    /// <summary>The value of a time that is not known.</summary>
    public const long NoTime = DecodedEvent.NoTime;

    /// <summary>Offset of the event within its partition.</summary>
    public long Offset;

    /// <summary>Broker timestamp in microseconds since 1970 UTC, <see cref="NoTime"/> where the broker gives none.</summary>
    public long KafkaTimestampMicros;

    /// <summary>Event time in microseconds since 1970 UTC, <see cref="NoTime"/> where the event has none.</summary>
    public long OccurredAtMicros;

    /// <summary>The model's raw output, before calibration.</summary>
    public double RawScore;

    /// <summary>The calibrated probability, 0 to 1, which users see and the threshold tests.</summary>
    public double Probability;

    /// <summary>Bucket 1 to 5.</summary>
    public int Bucket;

    /// <summary>Tier A to E; bucket 5 is A.</summary>
    public char Tier;

    /// <summary>Whether the probability lies above the threshold.</summary>
    public bool Hot;
}
