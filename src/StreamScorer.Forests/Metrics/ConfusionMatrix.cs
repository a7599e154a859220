namespace StreamScorer.Forests;

/// <summary>Rows by prediction and label at one threshold.</summary>
public sealed record ConfusionMatrix(int TruePositives, int FalsePositives, int TrueNegatives, int FalseNegatives)
{
    public int Rows => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    public double Accuracy => Ratio(TruePositives + TrueNegatives, Rows);

    /// <summary>Share of positives among predicted positives; 0 when nothing was predicted positive.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Share of the positives that were found; 0 when there are none.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>A probability above the threshold predicts positive; one exactly on it does not.</summary>
    public static ConfusionMatrix At(double threshold, ReadOnlySpan<double> probability, ReadOnlySpan<bool> labels)
    {
        var (truePositives, falsePositives, trueNegatives, falseNegatives) = (0, 0, 0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            if (probability[i] > threshold)
            {
                truePositives += labels[i] ? 1 : 0;
                falsePositives += labels[i] ? 0 : 1;
            }
            else
            {
                falseNegatives += labels[i] ? 1 : 0;
                trueNegatives += labels[i] ? 0 : 1;
            }
        }

        return new ConfusionMatrix(truePositives, falsePositives, trueNegatives, falseNegatives);
    }

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;
}
