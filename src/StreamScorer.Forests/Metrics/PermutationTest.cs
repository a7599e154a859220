namespace StreamScorer.Forests;

/// <summary>
/// Permutation importance (Breiman 2001): the AUC lost when one feature's values are shuffled among the rows.
/// </summary>
internal sealed class PermutationTest(ForestModel model, ReadOnlyMemory<double> rows, bool[] labels)
{
    private readonly ForestScorer _scorer = model.CreateScorer();
    private readonly double[] _raw = new double[labels.Length];
    private readonly double[] _probability = new double[labels.Length];

    /// <summary>Mean loss of AUC per feature.</summary>
    public double[] Drops(ulong seed, int repeats, CancellationToken ct)
    {
        var shuffled = rows.ToArray();
        var whole = Auc(shuffled);
        var drops = new double[model.Schema.Count];
        for (var feature = 0; feature < drops.Length; feature++)
        {
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                ct.ThrowIfCancellationRequested();
                Shuffle(shuffled, feature, SplitMix.Derive(seed, ((ulong)feature << 32) + (ulong)repeat));
                drops[feature] += (whole - Auc(shuffled)) / repeats;
            }

            Restore(shuffled, feature);
        }

        return drops;
    }

    private double Auc(double[] values)
    {
        _scorer.Score(values, _raw, _probability);
        return Ranking.Of(_raw, labels).AucRoc;
    }

    private void Shuffle(double[] values, int feature, ulong seed)
    {
        var random = new SplitMix(seed);
        var order = Enumerable.Range(0, labels.Length).ToArray();
        random.ShuffleFront(order, order.Length);
        for (var row = 0; row < order.Length; row++)
            values[(row * model.Schema.Count) + feature] = rows.Span[(order[row] * model.Schema.Count) + feature];
    }

    private void Restore(double[] values, int feature)
    {
        for (var at = feature; at < values.Length; at += model.Schema.Count)
            values[at] = rows.Span[at];
    }
}
