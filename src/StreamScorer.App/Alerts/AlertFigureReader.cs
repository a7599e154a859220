using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.App.Alerts;

/// <summary>Reads the worker's figures, and makes rates of its counters from what they were minutes ago.</summary>
internal sealed class AlertFigureReader(
    Readiness readiness, ScorerMetrics metrics, DataQuality quality, OutcomeMetrics outcomes, StreamScorerOptions options, TimeProvider clock)
{
    private static readonly TimeSpan FailureSpan = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DeadLetterSpan = TimeSpan.FromMinutes(10);

    private readonly ArchiveSpace _space = new(options.Checkpoint.Folder);
    private readonly List<Counters> _history = [];

    /// <summary>The figures of now; rates are over the time since the reader began, up to their span.</summary>
    public AlertFigures Read()
    {
        var now = new Counters(
            clock.GetTimestamp(), metrics.Records, metrics.DeadLetters,
            readiness.Statuses.Keys.ToDictionary(name => name, readiness.Failures));
        _history.RemoveAll(old => clock.GetElapsedTime(old.At, now.At) > DeadLetterSpan);
        _history.Add(now);
        var (recent, earlier) = (Oldest(now, FailureSpan), Oldest(now, DeadLetterSpan));
        // A rate over less than a minute would make much of one failure.
        var seconds = Math.Max(60, clock.GetElapsedTime(recent.At, now.At).TotalSeconds);
        var records = now.Records - earlier.Records;
        return new AlertFigures
        {
            Dependencies = readiness.Statuses,
            FailuresPerSecond = now.Failures.ToDictionary(each => each.Key, each => (each.Value - recent.Failures[each.Key]) / seconds),
            OpenAge = metrics.Stream.OpenAge(clock),
            Lag = metrics.Stream.Lag,
            DeadLetterShare = records == 0 ? 0 : (double)(now.DeadLetters - earlier.DeadLetters) / records,
            Quality = quality.Reports(QualityWindow.Hour),
            Models = [.. outcomes.Reported],
            FreeShare = _space.Read() is { } space ? (double)space.FreeBytes / space.SizeBytes : null,
        };
    }

    private Counters Oldest(Counters now, TimeSpan span) => _history.First(old => clock.GetElapsedTime(old.At, now.At) <= span);

    private sealed record Counters(long At, long Records, long DeadLetters, Dictionary<string, long> Failures);
}
