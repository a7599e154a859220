namespace StreamScorer.Training.Learning;

/// <summary>A point of the ROC curve.</summary>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate);

/// <summary>The ROC curve: at each threshold, the share of negatives and of positives above it.</summary>
internal static class RocCurve
{
    /// <param name="probability">One per row.</param>
    /// <param name="labels">One per row, both outcomes among them.</param>
    /// <param name="most">Most points; at least 2.</param>
    /// <returns>From (0, 0) to (1, 1), rising; rows of equal probability are one step.</returns>
    public static IReadOnlyList<RocPoint> Of(double[] probability, bool[] labels, int most = 200)
    {
        var order = Enumerable.Range(0, labels.Length).OrderByDescending(row => probability[row]).ToArray();
        var positives = labels.Count(label => label);
        var negatives = labels.Length - positives;
        var points = new List<RocPoint> { new(0, 0) };
        var (truePositives, falsePositives) = (0, 0);
        for (var i = 0; i < order.Length; i++)
        {
            if (labels[order[i]]) truePositives++;
            else falsePositives++;
            if (i + 1 < order.Length && probability[order[i + 1]] == probability[order[i]]) continue;
            points.Add(new RocPoint((double)falsePositives / negatives, (double)truePositives / positives));
        }

        if (points.Count <= most) return points;
        return [.. Enumerable.Range(0, most).Select(i => points[(int)((long)i * (points.Count - 1) / (most - 1))])];
    }
}
