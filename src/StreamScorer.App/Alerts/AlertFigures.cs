using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.App.Alerts;

/// <summary>What the conditions are judged on: the worker's figures at one moment.</summary>
internal sealed record AlertFigures
{
    /// <summary>Dependencies with their status.</summary>
    public required IReadOnlyDictionary<string, DependencyStatus> Dependencies { get; init; }

    /// <summary>Failed uses a second of each dependency, over five minutes.</summary>
    public required IReadOnlyDictionary<string, double> FailuresPerSecond { get; init; }

    /// <summary>How long the oldest record waits for its checkpoint.</summary>
    public required TimeSpan OpenAge { get; init; }

    /// <summary>Records not consumed yet.</summary>
    public required long Lag { get; init; }

    /// <summary>Dead letters among the records of ten minutes; 0 without records.</summary>
    public required double DeadLetterShare { get; init; }

    /// <summary>Data quality of the last hour, by model.</summary>
    public required IReadOnlyList<DataQualityReport> Quality { get; init; }

    /// <summary>Models with enough outcomes.</summary>
    public required IReadOnlyList<ModelQuality> Models { get; init; }

    /// <summary>Free share of the archive's disk, 0 to 1; null where it does not tell.</summary>
    public required double? FreeShare { get; init; }
}
