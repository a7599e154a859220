using System.Runtime.CompilerServices;
using StreamScorer.Features;
using StreamScorer.Scoring;

namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// What one model has been fed and what it has answered, counted over its training bins. Written by one thread, once per
/// micro-batch and without allocation; read by any.
/// </summary>
public sealed class DataQualityCounters
{
    // A block of rows of every feature stays in the first-level cache while its columns are counted one by one.
    private const int BlockBytes = 16 * 1024;

    private readonly TimeProvider _clock;
    private readonly long[] _counters;
    private readonly CounterRing _hour;
    private readonly CounterRing _day;
    private readonly int _blockRows;
    private int _version;

    /// <summary>Counters for a model, all at zero.</summary>
    public DataQualityCounters(ScoringModel model, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(clock);
        ModelName = model.Name;
        ModelId = model.Id;
        Layout = new QualityLayout(model.Forest);
        _clock = clock;
        _counters = new long[Layout.Length];
        var now = clock.GetTimestamp();
        _hour = new CounterRing(TimeSpan.FromMinutes(5), 12, Layout.Length, now);
        _day = new CounterRing(TimeSpan.FromHours(1), 24, Layout.Length, now);
        _blockRows = Math.Max(1, BlockBytes / (sizeof(double) * model.Schema.Count));
    }

    /// <summary>The model's name in the pool.</summary>
    public string ModelName { get; }

    /// <summary>SHA-256 of the model file. The model itself is not kept: a swap must leave nothing of its trees behind.</summary>
    public string ModelId { get; }

    /// <summary>Where each counter stands.</summary>
    public QualityLayout Layout { get; }

    /// <summary>Counts a micro-batch that was just scored.</summary>
    /// <param name="rows">The feature rows of its events, end to end.</param>
    /// <param name="scored">Scores and bad records, in the same order.</param>
    public void Observe(ReadOnlySpan<double> rows, ScoredBatch scored)
    {
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, scored.Count * Layout.Features.Count);

        // An odd version tells readers to come again: they never see half a batch, and nobody waits for them.
        Interlocked.Increment(ref _version);
        var now = _clock.GetTimestamp();
        _hour.Advance(_counters, _clock, now);
        _day.Advance(_counters, _clock, now);
        CountFeatures(rows);
        CountScores(scored);
        CountFailures(scored);
        Interlocked.Increment(ref _version);
    }

    /// <summary>The counters since the start.</summary>
    public long[] ReadTotals() => ReadConsistent(static _ => []);

    /// <summary>What the window has counted.</summary>
    public long[] Read(QualityWindow window) =>
        ReadConsistent(window == QualityWindow.Hour ? static own => own._hour.Start : static own => own._day.Start);

    private delegate ReadOnlySpan<long> StartOf(DataQualityCounters own);

    private long[] ReadConsistent(StartOf startOf)
    {
        var read = new long[_counters.Length];
        var wait = default(SpinWait);
        while (true)
        {
            var before = Volatile.Read(ref _version);
            if ((before & 1) == 0)
            {
                _counters.CopyTo(read, 0);
                var start = startOf(this);
                for (var i = 0; i < start.Length; i++)
                    read[i] -= start[i];
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref _version) == before)
                    return read;
            }

            wait.SpinOnce();
        }
    }

    private void CountFeatures(ReadOnlySpan<double> rows)
    {
        var stride = Layout.Features.Count;
        while (!rows.IsEmpty)
        {
            var block = rows[..Math.Min(rows.Length, _blockRows * stride)];
            rows = rows[block.Length..];
            for (var feature = 0; feature < stride; feature++)
                Layout.Features[feature].Add(block, stride, Layout.WritableFeature(_counters, feature));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountScores(ScoredBatch scored)
    {
        var bins = _counters.AsSpan(Layout.Scores, QualityLayout.ScoreBins);
        long sum = 0, squares = 0;
        foreach (ref readonly var scoredEvent in scored.Events)
        {
            var probability = scoredEvent.Probability;
            bins[Math.Clamp((int)(probability * QualityLayout.ScoreBins), 0, QualityLayout.ScoreBins - 1)]++;
            sum += (long)(probability * QualityLayout.ScoreUnit);
            squares += (long)(probability * probability * QualityLayout.ScoreUnit);
        }

        _counters[Layout.ScoreSum] += sum;
        _counters[Layout.ScoreSquares] += squares;
        _counters[Layout.Rows] += scored.Count;
    }

    private void CountFailures(ScoredBatch scored)
    {
        foreach (var bad in scored.Bad)
        {
            if (bad.SchemaFault == BadRecordReason.None)
                continue;
            _counters[Layout.FailuresByReason + (int)bad.SchemaFault]++;
            if (bad.Feature >= 0)
                _counters[Layout.FailuresByFeature + bad.Feature]++;
        }
    }
}
