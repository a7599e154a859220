namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// What a model's performance must be if its probabilities are calibrated, known before any outcome is: a lead scored p
/// counts as p of a positive and 1 − p of a negative (confidence-based performance estimation).
/// </summary>
/// <param name="AucRoc">Expected area under the ROC curve, ties counted half; 0.5 where there is nothing to tell apart.</param>
/// <param name="LogLoss">Expected mean cross entropy in nats.</param>
/// <param name="HotPrecision">Expected share of conversions among the leads above 0.7; null where there are none.</param>
/// <param name="ConversionRate">Expected share of conversions among all.</param>
public sealed record ExpectedPerformance(double AucRoc, double LogLoss, double? HotPrecision, double ConversionRate)
{
    private const double HotThreshold = Forests.BinaryMetrics.HotThreshold;

    /// <summary>The estimate from scored leads.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static ExpectedPerformance Of(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.IsEmpty)
            throw new ArgumentException("No probabilities.", nameof(probabilities));
        var sorted = probabilities.ToArray();
        Array.Sort(sorted);
        var sums = default(Sums);
        for (var start = 0; start < sorted.Length;)
        {
            var end = start;
            while (end < sorted.Length && sorted[end] == sorted[start])
                end++;
            sums.Add(sorted[start], end - start, sorted[start] > HotThreshold);
            start = end;
        }

        return sums.Estimate();
    }

    /// <summary>The estimate from a histogram of equal widths over 0 to 1; the rows of a bin count as its middle.</summary>
    internal static ExpectedPerformance OfHistogram(ReadOnlySpan<long> bins)
    {
        var sums = default(Sums);
        for (var bin = 0; bin < bins.Length; bin++)
        {
            var middle = (bin + 0.5) / bins.Length;
            sums.Add(middle, bins[bin], middle > HotThreshold);
        }

        return sums.Estimate();
    }

    /// <summary>Running sums over scores in ascending order.</summary>
    private struct Sums
    {
        private double _rows;
        private double _positives;
        private double _negatives;
        private double _rightPairs;
        private double _logLoss;
        private double _hotRows;
        private double _hotPositives;

        public void Add(double probability, double rows, bool hot)
        {
            var (positives, negatives) = (rows * probability, rows * (1 - probability));
            _rightPairs += positives * (_negatives + (negatives / 2));
            _rows += rows;
            _positives += positives;
            _negatives += negatives;
            _logLoss += rows * Entropy(probability);
            _hotRows += hot ? rows : 0;
            _hotPositives += hot ? positives : 0;
        }

        public readonly ExpectedPerformance Estimate() => new(
            _positives * _negatives > 0 ? _rightPairs / (_positives * _negatives) : 0.5,
            _logLoss / _rows, _hotRows > 0 ? _hotPositives / _hotRows : null, _positives / _rows);

        private static double Entropy(double p) => p is <= 0 or >= 1 ? 0 : -((p * Math.Log(p)) + ((1 - p) * Math.Log(1 - p)));
    }
}
