namespace StreamScorer.Forests;

/// <summary>
/// A point of the ROC and precision-recall curves: everything at or above one distinct score counts as positive.
/// </summary>
public readonly record struct RankingPoint(double Score, int TruePositives, int FalsePositives);

/// <summary>Rows ranked by score, best first, tied rows together.</summary>
public sealed class Ranking
{
    private Ranking(IReadOnlyList<RankingPoint> points, int positives, int negatives)
    {
        Points = points;
        Positives = positives;
        Negatives = negatives;
        (AucRoc, AucPr) = Areas();
    }

    /// <summary>One point per distinct score, descending; counts are cumulative.</summary>
    public IReadOnlyList<RankingPoint> Points { get; }

    public int Positives { get; }

    public int Negatives { get; }

    /// <summary>Area under the ROC curve, ties counted half; 0.5 when a class is absent.</summary>
    public double AucRoc { get; }

    /// <summary>Average precision; 0 when there are no positives.</summary>
    public double AucPr { get; }

    /// <param name="scores">Any numbers without NaN; higher = more likely positive.</param>
    /// <param name="labels">As many labels.</param>
    public static Ranking Of(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var keys = scores.ToArray();
        var sortedLabels = labels.ToArray();
        Array.Sort(keys, sortedLabels);
        var points = new List<RankingPoint>();
        var (truePositives, falsePositives) = (0, 0);
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            truePositives += sortedLabels[i] ? 1 : 0;
            falsePositives += sortedLabels[i] ? 0 : 1;
            if (i == 0 || keys[i - 1] != keys[i])
                points.Add(new RankingPoint(keys[i], truePositives, falsePositives));
        }

        return new Ranking(points, truePositives, falsePositives);
    }

    private (double Roc, double Pr) Areas()
    {
        var (roc, pr) = (0.0, 0.0);
        var before = default(RankingPoint);
        foreach (var point in Points)
        {
            var gained = point.TruePositives - before.TruePositives;
            roc += (point.FalsePositives - before.FalsePositives) * (before.TruePositives + (gained / 2.0));
            pr += gained * (double)point.TruePositives / (point.TruePositives + point.FalsePositives);
            before = point;
        }

        return (
            Positives == 0 || Negatives == 0 ? 0.5 : roc / ((double)Positives * Negatives),
            Positives == 0 ? 0 : pr / Positives);
    }
}
