namespace StreamScorer.Telemetry.Quality;

/// <summary>The live score distribution of a window, and what it promises if the calibration holds.</summary>
/// <param name="Mean">Mean probability.</param>
/// <param name="StandardDeviation">Of the probabilities.</param>
/// <param name="PopulationStabilityIndex">Against the out-of-fold scores of training; null without a baseline.</param>
/// <param name="Quantiles">By level, as in <see cref="QuantileLevels"/>; exact to half a bin, 0.0025.</param>
/// <param name="Shares">Live and training share of each of the baseline's bins.</param>
/// <param name="Expected">The performance to expect, estimated without labels.</param>
public sealed record ScoreQuality(
    double Mean, double StandardDeviation, double? PopulationStabilityIndex, IReadOnlyList<double> Quantiles,
    IReadOnlyList<BinShare> Shares, ExpectedPerformance Expected)
{
    /// <summary>The levels of <see cref="Quantiles"/>.</summary>
    public static IReadOnlyList<double> QuantileLevels { get; } = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    internal static ScoreQuality Of(QualityLayout layout, ReadOnlySpan<long> counts)
    {
        var rows = counts[layout.Rows];
        var fine = counts.Slice(layout.Scores, QualityLayout.ScoreBins);
        var mean = counts[layout.ScoreSum] / QualityLayout.ScoreUnit / rows;
        var squares = counts[layout.ScoreSquares] / QualityLayout.ScoreUnit / rows;
        var quantiles = new double[QuantileLevels.Count];
        for (var i = 0; i < quantiles.Length; i++)
            quantiles[i] = Quantile(fine, rows, QuantileLevels[i]);
        var coarse = Coarse(fine);
        return new ScoreQuality(
            mean, Math.Sqrt(Math.Max(0, squares - (mean * mean))),
            layout.ScoreBaseline.Sum() > 0 ? Drift.PopulationStabilityIndex(coarse, layout.ScoreBaseline) : null,
            quantiles, BinShares(coarse, layout.ScoreBaseline, rows), ExpectedPerformance.OfHistogram(fine));
    }

    private static double Quantile(ReadOnlySpan<long> fine, long rows, double level)
    {
        var wanted = level * rows;
        long below = 0;
        for (var bin = 0; bin < fine.Length; bin++)
        {
            if (below + fine[bin] >= wanted && fine[bin] > 0)
                return (bin + ((wanted - below) / fine[bin])) / fine.Length;
            below += fine[bin];
        }

        return 1;
    }

    private static long[] Coarse(ReadOnlySpan<long> fine)
    {
        var coarse = new long[fine.Length / QualityLayout.FinePerBaselineBin];
        for (var bin = 0; bin < fine.Length; bin++)
            coarse[bin / QualityLayout.FinePerBaselineBin] += fine[bin];
        return coarse;
    }

    private static BinShare[] BinShares(long[] coarse, IReadOnlyList<long> training, long rows)
    {
        var trainingRows = training.Sum();
        var shares = new BinShare[coarse.Length];
        for (var bin = 0; bin < shares.Length; bin++)
            shares[bin] = new BinShare(
                FormattableString.Invariant($"{(double)bin / coarse.Length:0.00}"),
                DataQualityReport.Share(coarse[bin], rows), DataQualityReport.Share(training[bin], trainingRows));
        return shares;
    }
}
