using StreamScorer.Features;
using StreamScorer.Forests;

namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// Where each counter of a model's data quality stands in one flat array of longs, so that a window is the difference of
/// two such arrays.
/// </summary>
public sealed class QualityLayout
{
    /// <summary>Bins of the live score distribution: equal widths over 0 to 1, ten to each bin of the baseline.</summary>
    public const int ScoreBins = TrainingBaseline.ScoreBins * FinePerBaselineBin;

    /// <summary>Live score bins in one of the baseline's.</summary>
    public const int FinePerBaselineBin = 10;

    /// <summary>Units of the sums of scores, so that they are whole numbers whose differences are exact.</summary>
    public const double ScoreUnit = 1 << 24;

    private readonly int[] _features;

    /// <summary>The layout for a model.</summary>
    public QualityLayout(ForestModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Features = [.. model.Schema.Features.Select(feature => new FeatureBinning(feature, model.Baseline.Features[feature.Index]))];
        ScoreBaseline = model.Baseline.ScoreCounts;
        _features = new int[Features.Count];
        var next = 0;
        for (var i = 0; i < Features.Count; i++)
        {
            _features[i] = next;
            next += Features[i].Count;
        }

        Scores = next;
        ScoreSum = Scores + ScoreBins;
        ScoreSquares = ScoreSum + 1;
        Rows = ScoreSquares + 1;
        FailuresByReason = Rows + 1;
        FailuresByFeature = FailuresByReason + Reasons.Length;
        Length = FailuresByFeature + Features.Count;
    }

    /// <summary>Why an event can fail its schema, by the reason's number.</summary>
    public static BadRecordReason[] Reasons { get; } = Enum.GetValues<BadRecordReason>();

    /// <summary>The bins of each feature, in schema order.</summary>
    public IReadOnlyList<FeatureBinning> Features { get; }

    /// <summary>Training scores by bin of the baseline.</summary>
    public IReadOnlyList<long> ScoreBaseline { get; }

    /// <summary>Number of counters.</summary>
    public int Length { get; }

    /// <summary>First of the <see cref="ScoreBins"/> score counters.</summary>
    public int Scores { get; }

    /// <summary>Sum of the scores, in <see cref="ScoreUnit"/>.</summary>
    public int ScoreSum { get; }

    /// <summary>Sum of the scores' squares, in <see cref="ScoreUnit"/>.</summary>
    public int ScoreSquares { get; }

    /// <summary>Events scored.</summary>
    public int Rows { get; }

    /// <summary>First of the counters of schema failures by reason.</summary>
    public int FailuresByReason { get; }

    /// <summary>First of the counters of schema failures by the feature at fault.</summary>
    public int FailuresByFeature { get; }

    /// <summary>The counters of a feature.</summary>
    public Span<long> WritableFeature(Span<long> counters, int feature) => counters.Slice(_features[feature], Features[feature].Count);

    /// <inheritdoc cref="WritableFeature"/>
    public ReadOnlySpan<long> Feature(ReadOnlySpan<long> counters, int feature) =>
        counters.Slice(_features[feature], Features[feature].Count);
}
