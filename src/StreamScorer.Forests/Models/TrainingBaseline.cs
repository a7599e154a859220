namespace StreamScorer.Forests;

/// <summary>
/// What the training data looked like, kept in the model so that drift of live data can be measured against it.
/// </summary>
public sealed class TrainingBaseline
{
    /// <summary>Bins of <see cref="ScoreCounts"/>: equal widths over the probabilities 0 to 1, the last one closed.</summary>
    public const int ScoreBins = 20;

    private const int MostValueBins = 10;

    internal TrainingBaseline(
        long rowCount, long positives, IReadOnlyList<FeatureBaseline> features, IReadOnlyList<long> scoreCounts)
    {
        RowCount = rowCount;
        Positives = positives;
        Features = features;
        ScoreCounts = scoreCounts;
    }

    public long RowCount { get; }

    /// <summary>Rows with a positive label.</summary>
    public long Positives { get; }

    /// <summary>One per feature, in schema order.</summary>
    public IReadOnlyList<FeatureBaseline> Features { get; }

    /// <summary>Out-of-fold training probabilities by bin; their sum may be below <see cref="RowCount"/>.</summary>
    public IReadOnlyList<long> ScoreCounts { get; }

    /// <summary>Bin of a probability in <see cref="ScoreCounts"/>.</summary>
    public static int ScoreBin(double probability) => Math.Clamp((int)(probability * ScoreBins), 0, ScoreBins - 1);

    internal static TrainingBaseline Build(
        FeatureSchema schema, ReadOnlySpan<double> rows, ReadOnlySpan<bool> labels, ReadOnlySpan<double> probabilities)
    {
        var features = new FeatureBaseline[schema.Count];
        for (var i = 0; i < schema.Count; i++)
            features[i] = BuildFeature(schema.Features[i], rows, i, schema.Count);
        var scores = new long[ScoreBins];
        foreach (var probability in probabilities)
            scores[ScoreBin(probability)]++;
        return new TrainingBaseline(labels.Length, labels.Count(true), features, scores);
    }

    private static FeatureBaseline BuildFeature(Feature feature, ReadOnlySpan<double> rows, int index, int stride)
    {
        var present = new List<double>();
        long missing = 0;
        for (var at = index; at < rows.Length; at += stride)
        {
            if (double.IsNaN(rows[at]))
                missing++;
            else
                present.Add(rows[at]);
        }

        var edges = feature.Kind == FeatureKind.Categorical ? CategoryEdges(feature.CategoryCount) : ValueEdges(present);
        var baseline = new FeatureBaseline(missing, edges, new long[edges.Length + 1]);
        var counts = new long[edges.Length + 1];
        foreach (var value in present)
            counts[baseline.BinOf(value)]++;
        return new FeatureBaseline(missing, edges, counts);
    }

    // Categories are bins of their own: code c lies in bin c.
    private static double[] CategoryEdges(int count) =>
        [.. Enumerable.Range(1, Math.Max(0, count - 1)).Select(code => (double)code)];

    // Deciles; a value that fills several of them makes one edge.
    private static double[] ValueEdges(List<double> present)
    {
        present.Sort();
        var edges = new List<double>();
        for (var i = 1; i < MostValueBins && present.Count > 0; i++)
        {
            var edge = present[(int)((long)i * present.Count / MostValueBins)];
            if (edge > present[0] && (edges.Count == 0 || edge > edges[^1]))
                edges.Add(edge);
        }

        return [.. edges];
    }
}

/// <summary>Training distribution of one feature.</summary>
/// <param name="MissingRows">Rows without a value.</param>
/// <param name="Edges">Inner edges of left-closed bins, ascending. Categorical: 1, 2, …, so that code c lies in bin c.</param>
/// <param name="Counts">Rows with a value per bin; one more than edges.</param>
public sealed record FeatureBaseline(long MissingRows, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts)
{
    /// <summary>Bin of a present value.</summary>
    public int BinOf(double value)
    {
        var (low, high) = (0, Edges.Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (value >= Edges[middle])
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
