using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>How well one feature alone tells positives from negatives, whatever the shape of its effect.</summary>
internal static class SingleFeature
{
    /// <summary>Numbers are cut into this many ranges of about as many training rows each.</summary>
    private const int Bins = 32;

    /// <summary>
    /// AUC-ROC on the held-out rows when each scores the rate of positives among the training rows with the same category
    /// or range (missing is a category too).
    /// </summary>
    public static double Auc(LearningRows training, LearningRows held, Feature feature)
    {
        var edges = feature.Kind == FeatureKind.Categorical ? [] : Edges(training, feature.Index);
        var count = feature.Kind == FeatureKind.Categorical ? feature.CategoryCount : edges.Length + 1;
        var (rows, positives) = (new double[count + 1], new double[count + 1]);
        var prior = (double)training.Labels.Count(label => label) / training.Count;
        for (var row = 0; row < training.Count; row++)
        {
            var cell = Cell(training, row, feature, edges, count);
            rows[cell]++;
            positives[cell] += training.Labels[row] ? 1 : 0;
        }

        var score = new double[held.Count];
        for (var row = 0; row < score.Length; row++)
        {
            var cell = Cell(held, row, feature, edges, count);
            score[row] = (positives[cell] + prior) / (rows[cell] + 1);
        }

        return BinaryMetrics.Compute(score, held.Labels).AucRoc;
    }

    private static int Cell(LearningRows rows, int row, Feature feature, double[] edges, int count)
    {
        var value = rows.Values[row * rows.Schema.Count + feature.Index];
        if (double.IsNaN(value)) return count;
        if (feature.Kind == FeatureKind.Categorical) return (int)value;
        var at = Array.BinarySearch(edges, value);
        return at >= 0 ? at : ~at;
    }

    private static double[] Edges(LearningRows rows, int feature)
    {
        var values = Enumerable.Range(0, rows.Count).Select(row => rows.Values[row * rows.Schema.Count + feature])
            .Where(value => !double.IsNaN(value)).Order().ToArray();
        return values.Length == 0
            ? []
            : [.. Enumerable.Range(1, Bins - 1).Select(i => values[(int)((long)i * values.Length / Bins)]).Distinct()];
    }
}
