namespace StreamScorer.Forests;

/// <summary>
/// How well probabilities tell positives from negatives. Threshold metrics take a probability above
/// <see cref="Threshold"/> as positive; where one has no denominator (no predicted positive, say) it is 0.
/// </summary>
public sealed record BinaryMetrics
{
    /// <summary>Where predictions turn positive; exactly on it is negative.</summary>
    public const double Threshold = 0.5;

    /// <summary>Where a lead is hot; exactly on it is not.</summary>
    public const double HotThreshold = 0.7;

    private const int CalibrationBins = 10;

    public int Rows { get; init; }

    /// <summary>Rows with a positive label.</summary>
    public int Positives { get; init; }

    /// <summary>Area under the ROC curve: the chance that a positive scores above a negative, ties counted half.</summary>
    public double AucRoc { get; init; }

    /// <summary>Average precision: precision at each distinct score, weighted by the recall gained there.</summary>
    public double AucPr { get; init; }

    public double Accuracy { get; init; }

    public double Precision { get; init; }

    public double Recall { get; init; }

    public double F1 { get; init; }

    /// <summary>Mean cross entropy in nats; probabilities are kept 1e-15 away from 0 and 1.</summary>
    public double LogLoss { get; init; }

    /// <summary>Mean squared difference of probability and label.</summary>
    public double Brier { get; init; }

    public ConfusionMatrix Confusion { get; init; } = new(0, 0, 0, 0);

    /// <summary>Share of positives among the rows above <see cref="HotThreshold"/>.</summary>
    public double HotPrecision { get; init; }

    /// <summary>Share of all rows above <see cref="HotThreshold"/>.</summary>
    public double HotCoverage { get; init; }

    /// <summary>Ten equal widths of probability with what came true in each.</summary>
    public IReadOnlyList<CalibrationBin> Calibration { get; init; } = [];

    /// <summary>Row-weighted mean distance between predicted and observed rate over <see cref="Calibration"/>.</summary>
    public double CalibrationError { get; init; }

    /// <exception cref="ArgumentException">No rows, or lengths differ.</exception>
    public static BinaryMetrics Compute(ReadOnlySpan<double> probability, ReadOnlySpan<bool> labels)
    {
        if (probability.Length != labels.Length || labels.IsEmpty)
            throw new ArgumentException($"{probability.Length} probabilities for {labels.Length} labels.");
        var ranking = Ranking.Of(probability, labels);
        var confusion = ConfusionMatrix.At(Threshold, probability, labels);
        var hot = ConfusionMatrix.At(HotThreshold, probability, labels);
        var bins = CalibrationBin.Table(probability, labels, CalibrationBins);
        return new BinaryMetrics
        {
            Rows = labels.Length,
            Positives = labels.Count(true),
            AucRoc = ranking.AucRoc,
            AucPr = ranking.AucPr,
            Accuracy = confusion.Accuracy,
            Precision = confusion.Precision,
            Recall = confusion.Recall,
            F1 = confusion.F1,
            LogLoss = MeanLogLoss(probability, labels),
            Brier = MeanSquare(probability, labels),
            Confusion = confusion,
            HotPrecision = hot.Precision,
            HotCoverage = (double)(hot.TruePositives + hot.FalsePositives) / labels.Length,
            Calibration = bins,
            CalibrationError = bins.Sum(bin => bin.Rows * Math.Abs(bin.MeanProbability - bin.ObservedRate)) / labels.Length,
        };
    }

    internal static double MeanLogLoss(ReadOnlySpan<double> probability, ReadOnlySpan<bool> labels)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var p = Math.Clamp(probability[i], 1e-15, 1 - 1e-15);
            sum -= labels[i] ? Math.Log(p) : Math.Log(1 - p);
        }

        return sum / labels.Length;
    }

    private static double MeanSquare(ReadOnlySpan<double> probability, ReadOnlySpan<bool> labels)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = probability[i] - (labels[i] ? 1 : 0);
            sum += error * error;
        }

        return sum / labels.Length;
    }
}
