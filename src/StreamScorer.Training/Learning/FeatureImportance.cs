using StreamScorer.Forests;
using StreamScorer.Training.Generation;

namespace StreamScorer.Training.Learning;

/// <summary>How much a model leans on a feature.</summary>
/// <param name="Feature">Business name.</param>
/// <param name="Gain">Share of what all splits gained in training.</param>
/// <param name="AucDrop">How far AUC-ROC on validation rows falls when the feature's values are shuffled among them.</param>
/// <param name="AloneAuc">AUC-ROC on validation rows of the feature's conversion rate by value, without any other feature.</param>
public sealed record FeatureImportance(string Feature, double Gain, double AucDrop, double AloneAuc);

/// <summary>Permutation importance (Breiman 2001), gain importance and single-feature AUC, by feature.</summary>
internal static class ImportanceMeasure
{
    private const int MostRows = 5000;
    private const int Repeats = 5;

    /// <summary>Above this many features, one shuffle each has to do.</summary>
    private const int ManyFeatures = 100;

    /// <summary>Keeps the shuffles' random sequence apart from those that other parts draw from the same seed.</summary>
    private const long Stream = 0x1339;

    /// <returns>One per feature, the one with the largest drop first.</returns>
    public static IReadOnlyList<FeatureImportance> Of(
        ForestModel model, LearningRows training, LearningRows validation, long seed, IProgress<double>? progress = null)
    {
        var gains = GainImportance.Of(model);
        var rows = validation.AtMost(MostRows);
        var whole = BinaryMetrics.Compute(rows.Score(model), rows.Labels).AucRoc;
        var random = new SeededRandom(seed, Stream);
        var result = new List<FeatureImportance>();
        foreach (var feature in model.Schema.Features)
        {
            var drop = whole - MeanShuffledAuc(model, rows, feature.Index, random);
            var alone = SingleFeature.Auc(training, validation, feature);
            result.Add(new FeatureImportance(feature.Name, gains[feature.Index], drop, alone));
            progress?.Report((feature.Index + 1.0) / model.Schema.Count);
        }

        return [.. result.OrderByDescending(importance => importance.AucDrop)];
    }

    private static double MeanShuffledAuc(ForestModel model, LearningRows rows, int feature, SeededRandom random)
    {
        var repeats = rows.Schema.Count > ManyFeatures ? 1 : Repeats;
        var sum = 0.0;
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            var order = Enumerable.Range(0, rows.Count).ToArray();
            random.Shuffle<int>(order);
            var values = (double[])rows.Values.Clone();
            for (var row = 0; row < order.Length; row++)
                values[row * rows.Schema.Count + feature] = rows.Values[order[row] * rows.Schema.Count + feature];
            var shuffled = rows with { Values = values };
            sum += BinaryMetrics.Compute(shuffled.Score(model), rows.Labels).AucRoc;
        }

        return sum / repeats;
    }
}
