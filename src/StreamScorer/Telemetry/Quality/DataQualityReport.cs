using StreamScorer.Features;
using StreamScorer.Forests;

namespace StreamScorer.Telemetry.Quality;

/// <summary>What one window says about what a model was fed and what it answered.</summary>
/// <param name="ModelName">The model's name in the pool.</param>
/// <param name="ModelId">SHA-256 of its file.</param>
/// <param name="Window">The span of event flow.</param>
/// <param name="Rows">Events scored.</param>
/// <param name="FailuresByReason">Events that broke the schema, by reason; reasons without any are left out.</param>
/// <param name="Features">One per feature, in schema order.</param>
/// <param name="Scores">The score distribution; null below <see cref="LeastRows"/> scored events.</param>
public sealed record DataQualityReport(
    string ModelName, string ModelId, QualityWindow Window, long Rows, IReadOnlyDictionary<BadRecordReason, long> FailuresByReason,
    IReadOnlyList<FeatureQuality> Features, ScoreQuality? Scores)
{
    /// <summary>Below this many records chance alone moves the figures, and nothing is reported.</summary>
    public const long LeastRows = 1000;

    /// <summary>Events that broke the schema and are dead letters.</summary>
    public long Failures => FailuresByReason.Values.Sum();

    /// <summary>Share of the records with a value that broke the schema, 0 to 1.</summary>
    public double FailureRate => Share(Failures, Rows + Failures);

    /// <summary>The report of a window; null while it has seen fewer than <see cref="LeastRows"/> records.</summary>
    public static DataQualityReport? Of(DataQualityCounters counters, QualityWindow window)
    {
        ArgumentNullException.ThrowIfNull(counters);
        return Of(counters, window, counters.Read(window));
    }

    private static DataQualityReport? Of(DataQualityCounters source, QualityWindow window, ReadOnlySpan<long> counts)
    {
        var layout = source.Layout;
        var rows = counts[layout.Rows];
        var failures = new Dictionary<BadRecordReason, long>();
        foreach (var reason in QualityLayout.Reasons)
            if (counts[layout.FailuresByReason + (int)reason] is > 0 and var count)
                failures[reason] = count;
        var records = rows + failures.Values.Sum();
        if (records < LeastRows)
            return null;
        var features = new FeatureQuality[layout.Features.Count];
        for (var i = 0; i < features.Length; i++)
            features[i] = FeatureQuality.Of(
                layout.Features[i], layout.Feature(counts, i), Share(counts[layout.FailuresByFeature + i], records));
        var scores = rows < LeastRows ? null : ScoreQuality.Of(layout, counts);
        return new DataQualityReport(source.ModelName, source.ModelId, window, rows, failures, features, scores);
    }

    internal static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>One feature's quality in a window. Rates are shares, 0 to 1; null where there are too few rows or no baseline.</summary>
/// <param name="Name">The feature's name in events.</param>
/// <param name="FailureRate">Share of the records that broke the schema because of this feature.</param>
/// <param name="NullRate">Share of the scored events without a value.</param>
/// <param name="TrainingNullRate">The same in training.</param>
/// <param name="UnseenRate">Share of the values in the rare bucket, where every category goes that training did not see.</param>
/// <param name="TrainingUnseenRate">Share of the values that were too rare for a code of their own in training.</param>
/// <param name="PopulationStabilityIndex">See <see cref="Drift.PopulationStabilityIndex"/>; missing values are a bin too.</param>
/// <param name="KullbackLeibler">See <see cref="Drift.KullbackLeibler"/>.</param>
public sealed record FeatureQuality(
    string Name, double FailureRate, double? NullRate, double? TrainingNullRate, double? UnseenRate, double? TrainingUnseenRate,
    double? PopulationStabilityIndex, double? KullbackLeibler)
{
    /// <summary>Live and training share of each bin; empty where there are too few rows.</summary>
    public IReadOnlyList<BinShare> Bins { get; private init; } = [];

    internal static FeatureQuality Of(FeatureBinning binning, ReadOnlySpan<long> live, double failureRate)
    {
        var name = binning.Feature.StreamName;
        var (rows, trainingRows) = (Sum(live), binning.BaselineCounts.Sum());
        if (rows < DataQualityReport.LeastRows)
            return new FeatureQuality(name, failureRate, null, null, null, null, null, null);
        var hasBaseline = trainingRows > 0;
        var (present, trainingPresent) = (rows - live[0], trainingRows - binning.BaselineCounts[0]);
        return new FeatureQuality(
            name, failureRate,
            NullRate: DataQualityReport.Share(live[0], rows),
            TrainingNullRate: hasBaseline ? DataQualityReport.Share(binning.BaselineCounts[0], trainingRows) : null,
            UnseenRate: binning.IsCategorical ? DataQualityReport.Share(live[FeatureBinning.RareBin], present) : null,
            TrainingUnseenRate: binning.IsCategorical && hasBaseline
                ? DataQualityReport.Share(binning.BaselineCounts[FeatureBinning.RareBin], trainingPresent) : null,
            PopulationStabilityIndex: hasBaseline ? Drift.PopulationStabilityIndex(live, binning.BaselineCounts) : null,
            KullbackLeibler: hasBaseline ? Drift.KullbackLeibler(live, binning.BaselineCounts) : null)
        {
            Bins = BinShares(binning, live, rows, trainingRows),
        };
    }

    private static BinShare[] BinShares(FeatureBinning binning, ReadOnlySpan<long> live, long rows, long trainingRows)
    {
        var bins = new BinShare[binning.Count];
        for (var i = 0; i < bins.Length; i++)
            bins[i] = new BinShare(
                binning.Names[i], DataQualityReport.Share(live[i], rows), DataQualityReport.Share(binning.BaselineCounts[i], trainingRows));
        return bins;
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (var count in counts)
            sum += count;
        return sum;
    }
}

/// <summary>A bin's share of the live and of the training rows, 0 to 1.</summary>
public readonly record struct BinShare(string Name, double Live, double Training);
