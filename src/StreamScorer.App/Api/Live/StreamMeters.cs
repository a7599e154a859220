using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Api.Live;

/// <summary>
/// Listens to the data path's meters, so that the pages show the figures that an exporter would: what is counted once is
/// counted in one place. The loop calls in per micro-batch; that costs it a few additions.
/// </summary>
internal sealed class StreamMeters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Counted _consumed = new();
    private readonly Counted _scored = new();
    private readonly Counted _hot = new();
    private readonly Counted _tombstones = new();
    private readonly Counted _deadLetters = new();
    private readonly ConcurrentDictionary<string, long> _deadLettersByReason = new(StringComparer.Ordinal);
    private readonly DurationHistogram _batches = new();
    private long? _lag;

    public StreamMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ScorerMetrics.MeterName && Listens(instrument.Name))
                listener.EnableMeasurementEvents(instrument, CounterOf(instrument.Name));
        };
        _listener.SetMeasurementEventCallback<long>(Counting);
        _listener.SetMeasurementEventCallback<double>((instrument, seconds, _, _) => _batches.Add(seconds));
        _listener.Start();
    }

    /// <summary>Counts since the start.</summary>
    public StreamTotals Totals => new(_consumed.Total, _scored.Total, _hot.Total, _tombstones.Total, _deadLetters.Total);

    /// <summary>Dead letters since the start, by reason, most first.</summary>
    public IReadOnlyList<DeadLetterCount> DeadLetters =>
        [.. _deadLettersByReason.Select(pair => new DeadLetterCount(pair.Key, pair.Value)).OrderByDescending(reason => reason.Count)];

    /// <summary>What happened since the last call. One thread at a time.</summary>
    /// <param name="at">Now.</param>
    public StreamSecond Take(DateTimeOffset at)
    {
        _listener.RecordObservableInstruments();
        var batches = _batches.Take();
        return new StreamSecond(
            at.ToUnixTimeMilliseconds(), _consumed.Take(), _scored.Take(), _hot.Take(), _deadLetters.Take(),
            _lag, batches?.P50, batches?.P99);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static bool Listens(string name) => name is ScorerMetrics.ConsumedName or ScorerMetrics.ScoredName or ScorerMetrics.HotName
        or ScorerMetrics.TombstonesName or ScorerMetrics.DeadLettersName or ScorerMetrics.LagName or ScorerMetrics.BatchSecondsName;

    private Counted? CounterOf(string name) => name switch
    {
        ScorerMetrics.ConsumedName => _consumed,
        ScorerMetrics.ScoredName => _scored,
        ScorerMetrics.HotName => _hot,
        ScorerMetrics.TombstonesName => _tombstones,
        ScorerMetrics.DeadLettersName => _deadLetters,
        _ => null,
    };

    private void Counting(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? counter)
    {
        (counter as Counted)?.Add(value);
        if (ReferenceEquals(counter, _deadLetters))
            _deadLettersByReason.AddOrUpdate(Tag(tags, "reason")?.ToString() ?? "unknown", value, (_, before) => before + value);
        else if (counter is null)
            _lag = value;
    }

    private static object? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
            if (tag.Key == name)
                return tag.Value;
        return null;
    }

    /// <summary>A count since the start, and since it was last taken.</summary>
    private sealed class Counted
    {
        private long _total;
        private long _taken;

        public long Total => Interlocked.Read(ref _total);

        public void Add(long value) => Interlocked.Add(ref _total, value);

        public long Take()
        {
            var total = Total;
            var since = total - _taken;
            _taken = total;
            return since;
        }
    }
}

/// <summary>Counts since the worker's start.</summary>
internal sealed record StreamTotals(long Consumed, long Scored, long Hot, long Tombstones, long DeadLetters);

/// <summary>How many dead letters had one reason.</summary>
internal sealed record DeadLetterCount(string Reason, long Count);
