namespace StreamScorer.Forests;

/// <summary>How much a model leans on one feature.</summary>
/// <param name="Feature">The feature's business name.</param>
/// <param name="GainShare">Its share of the training criterion's improvement over all splits, 0 to 1; sums to 1.</param>
/// <param name="PermutationDrop">
/// How much AUC falls when its values are shuffled among the rows; may be a little below 0.
/// </param>
/// <param name="AloneAuc">AUC of the feature's own conversion rates as the only score, 0.5 to 1 but for chance.</param>
public sealed record FeatureImportance(string Feature, double GainShare, double PermutationDrop, double AloneAuc)
{
    /// <summary>A feature that alone ranks this well is rarely known before the outcome.</summary>
    public const double LeakAuc = 0.95;

    /// <summary>A feature with this share of all gain dwarfs the rest…</summary>
    public const double LeakGainShare = 0.4;

    /// <summary>…which is suspicious once it also ranks this well alone; in small schemas something must come first.</summary>
    public const double DominantAuc = 0.85;

    /// <summary>
    /// Whether the feature looks as if it were filled in after the outcome was known: it alone ranks above
    /// <see cref="LeakAuc"/>, or it carries more than <see cref="LeakGainShare"/> of the gain and alone ranks above
    /// <see cref="DominantAuc"/>.
    /// </summary>
    public bool LooksLikeLeak => AloneAuc > LeakAuc || (GainShare > LeakGainShare && AloneAuc > DominantAuc);

    /// <summary>One entry per feature, in schema order.</summary>
    /// <param name="model">The model to look into.</param>
    /// <param name="rows">Labelled rows it was not trained on, row-major.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="seed">Decides the shuffles.</param>
    /// <param name="repeats">Shuffles per feature, averaged; at least 1.</param>
    /// <param name="ct">Cancels between shuffles.</param>
    public static IReadOnlyList<FeatureImportance> Measure(
        ForestModel model, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, ulong seed = 42, int repeats = 3,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var gains = GainShares(model);
        var drops = new PermutationTest(model, rows, labels.ToArray()).Drops(seed, repeats, ct);
        return [.. model.Schema.Features.Select(feature => new FeatureImportance(
            feature.Name, gains[feature.Index], drops[feature.Index], Alone(model.Schema, feature, rows, labels, seed)))];
    }

    /// <summary>
    /// Share of the summed split gains by feature; an ensemble's members count by their weight. All 0 if none is known.
    /// </summary>
    public static double[] GainShares(ForestModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var shares = new double[model.Schema.Count];
        foreach (var member in model.Members)
        {
            var gains = new double[model.Schema.Count];
            foreach (var tree in member.Trees)
            {
                for (var node = 0; node < tree.NodeCount; node++)
                {
                    if (tree.Feature[node] != DecisionTree.Leaf)
                        gains[tree.Feature[node]] += tree.Gain[node];
                }
            }

            var total = gains.Sum();
            for (var feature = 0; feature < shares.Length && total > 0; feature++)
                shares[feature] += member.Weight * gains[feature] / total;
        }

        return shares;
    }

    // Rates per bin are learned on one half of the rows and ranked on the other, both ways round: on their own rows even a
    // random identifier would look perfect.
    private static double Alone(
        FeatureSchema schema, Feature feature, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, ulong seed)
    {
        var folds = FoldAssignment.Stratified(labels.Span, 2, seed);
        var scores = new double[labels.Length];
        for (var fold = 0; fold < 2; fold++)
        {
            var learn = Enumerable.Range(0, labels.Length).Where(row => folds[row] != fold).ToArray();
            var values = Array.ConvertAll(learn, row => rows.Span[(row * schema.Count) + feature.Index]);
            var learnLabels = Array.ConvertAll(learn, row => labels.Span[row]);
            var bins = FeatureBins.Fit(feature, values, learnLabels);
            var rates = Rates(bins, values, learnLabels);
            for (var row = 0; row < labels.Length; row++)
            {
                if (folds[row] == fold)
                    scores[row] = rates[bins.BinOf(rows.Span[(row * schema.Count) + feature.Index])];
            }
        }

        return Ranking.Of(scores, labels.Span).AucRoc;
    }

    // Smoothed towards the overall rate, as category orders are.
    private static double[] Rates(FeatureBins bins, double[] values, bool[] labels)
    {
        const double prior = 5;
        var counts = new double[bins.BinCount];
        var positives = new double[bins.BinCount];
        for (var i = 0; i < values.Length; i++)
        {
            counts[bins.BinOf(values[i])]++;
            positives[bins.BinOf(values[i])] += labels[i] ? 1 : 0;
        }

        var rate = positives.Sum() / values.Length;
        return [.. counts.Select((count, bin) => (positives[bin] + (prior * rate)) / (count + prior))];
    }
}
