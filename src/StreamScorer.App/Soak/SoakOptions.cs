namespace StreamScorer.App.Soak;

/// <summary>What a soak does.</summary>
internal sealed record SoakOptions
{
    /// <summary>Partitions of the topic.</summary>
    public const int Partitions = 12;

    /// <summary>How long load and faults last; draining and the audit come on top.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Of the schedule of faults and of the events. The same seed gives the same schedule, not the same timing.</summary>
    public required int Seed { get; init; }

    /// <summary>Workers of the one group, 1 or more.</summary>
    public required int Workers { get; init; }

    /// <summary>Events published a second.</summary>
    public required int EventsPerSecond { get; init; }

    /// <summary>How often progress is told.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// The last line of <c>soak</c>. <c>Refused</c> are messages that the broker did not confirm, <c>Unanswered</c> those that were
/// still waiting at the end: neither must be on the topic, either may be, and <c>Records</c> says how many the topic holds.
/// </summary>
internal sealed record SoakSummary(
    int Seed, double Seconds, bool StoppedEarly, int Workers, int EventsPerSecond, long Published, long Confirmed, long Refused, long Unanswered,
    long Records,
    IReadOnlyDictionary<string, int> Faults, int CommitsCut, IReadOnlyList<string> LeftOut, int WorkersEndedByThemselves, bool Drained,
    long Scored, long DeadLetters, long Tombstones, long RepeatedDeadLetters, long Checkpoints,
    long Lost, long Duplicate, long Unseen, long Mismatch, bool Clean);
