namespace StreamScorer.Forests;

/// <summary>
/// How one feature's values fall into at most 255 ordered bins for training. Numeric bins are value ranges with missing
/// values in a bin of their own behind the last; categorical bins are groups of categories (nearly always one each) in the
/// order of their conversion rate, "missing" being one more category. A split sends bins 0…b left.
/// </summary>
internal sealed class FeatureBins
{
    public const int MostBins = 255;

    // Categories are ordered by (positives + Prior * rate) / (rows + Prior): the fewer rows, the nearer to the mean. Chosen by
    // cross-validation on columns of hundreds of values: with 5 the rare ones were ordered by the chance of their few labels.
    private const double PriorRows = 300;

    private readonly double[] _cuts;
    private readonly byte[]? _binOfCategory;

    private FeatureBins(int feature, double[] cuts, byte[]? binOfCategory, int missingBin, int binCount, int imputedBin)
    {
        Feature = feature;
        _cuts = cuts;
        _binOfCategory = binOfCategory;
        MissingBin = missingBin;
        BinCount = binCount;
        ImputedBin = imputedBin;
    }

    public int Feature { get; }

    public int MissingBin { get; }

    /// <summary>
    /// The missing bin where a split decides about it by itself, -1 where "missing" is a category like others.
    /// </summary>
    public int SeparateMissingBin => IsCategorical ? -1 : MissingBin;

    /// <summary>Bins in use, the missing one included.</summary>
    public int BinCount { get; }

    /// <summary>Bin of the value that stands in for a missing one where a split saw none in training.</summary>
    public int ImputedBin { get; }

    public bool IsCategorical => _binOfCategory is not null;

    /// <param name="feature">The feature.</param>
    /// <param name="values">Its values in the rows to learn from.</param>
    /// <param name="labels">The labels of those rows.</param>
    public static FeatureBins Fit(Feature feature, ReadOnlySpan<double> values, ReadOnlySpan<bool> labels)
    {
        if (feature.Kind == FeatureKind.Categorical)
            return FitCategories(feature, values, labels);

        var cuts = feature.BucketEdges.Count > 0 ? EdgeCuts(feature.BucketEdges) : ValueCuts(values);
        return new FeatureBins(
            feature.Index, cuts, null, cuts.Length + 1, cuts.Length + 2, NumericBin(cuts, feature.ImputedValue));
    }

    public byte BinOf(double value)
    {
        if (double.IsNaN(value))
            return (byte)MissingBin;
        return _binOfCategory is null
            ? (byte)NumericBin(_cuts, value)
            : _binOfCategory[DecisionTree.CategoryCode(value, _binOfCategory.Length)];
    }

    /// <summary>Adds the split to a tree under construction and returns its node.</summary>
    public int AddSplit(TreeBuilder builder, in BinSplit split, double gain)
    {
        if (_binOfCategory is null)
        {
            // Behind the last cut every present value goes left: the split tells missing from present.
            var largest = split.Bin < _cuts.Length ? _cuts[split.Bin] : double.PositiveInfinity;
            return builder.AddThresholdSplit(Feature, largest, split.MissingLeft, gain);
        }

        Span<ulong> set = new ulong[(_binOfCategory.Length + 63) / 64];
        for (var code = 0; code < _binOfCategory.Length; code++)
        {
            if (split.GoesLeft(_binOfCategory[code], -1))
                set[code >> 6] |= 1ul << (code & 63);
        }

        return builder.AddSetSplit(Feature, set, split.GoesLeft((byte)MissingBin, -1), gain);
    }

    // First bin whose cut is not below the value: value <= cuts[bin].
    private static int NumericBin(double[] cuts, double value)
    {
        var (low, high) = (0, cuts.Length);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (value <= cuts[middle])
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    // Buckets are left-closed: the largest double below the edge is the last that belongs to the bucket on the left.
    private static double[] EdgeCuts(IReadOnlyList<double> edges) =>
        [.. edges.Take(MostBins - 2).Select(Math.BitDecrement)];

    // Midpoints between neighbouring values where they fit; otherwise cuts that leave about equally many rows per bin.
    private static double[] ValueCuts(ReadOnlySpan<double> values)
    {
        var sorted = new List<double>(values.Length);
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
                sorted.Add(value);
        }

        sorted.Sort();
        var distinct = 0;
        for (var i = 1; i < sorted.Count; i++)
            distinct += sorted[i] != sorted[i - 1] ? 1 : 0;

        const int most = MostBins - 2;
        var perBin = distinct <= most ? 0 : (double)sorted.Count / most;
        var cuts = new List<double>();
        for (var i = 1; i < sorted.Count && cuts.Count < most; i++)
        {
            if (sorted[i] != sorted[i - 1] && i >= perBin * (cuts.Count + 1))
                cuts.Add(Between(sorted[i - 1], sorted[i]));
        }

        return [.. cuts];
    }

    // At least the lower and below the upper value, also for neighbouring doubles and infinities.
    private static double Between(double lower, double upper)
    {
        var middle = (lower / 2) + (upper / 2);
        return middle >= lower && middle < upper ? middle : lower;
    }

    private static FeatureBins FitCategories(Feature feature, ReadOnlySpan<double> values, ReadOnlySpan<bool> labels)
    {
        // The last entry stands for "missing".
        var count = feature.CategoryCount;
        var rows = new int[count + 1];
        var positives = new int[count + 1];
        for (var i = 0; i < values.Length; i++)
        {
            var code = double.IsNaN(values[i]) ? count : DecisionTree.CategoryCode(values[i], count);
            rows[code]++;
            positives[code] += labels[i] ? 1 : 0;
        }

        var rate = values.Length == 0 ? 0 : (double)positives.Sum() / values.Length;
        var score = new double[count + 1];
        for (var code = 0; code <= count; code++)
            score[code] = (positives[code] + (PriorRows * rate)) / (rows[code] + PriorRows);

        var order = Enumerable.Range(0, count + 1).OrderBy(code => score[code]).ThenBy(code => code).ToArray();
        var bins = new byte[count + 1];
        var most = Math.Min(MostBins, count + 1);
        for (var rank = 0; rank <= count; rank++)
            bins[order[rank]] = (byte)((long)rank * most / (count + 1));
        return new FeatureBins(feature.Index, [], bins[..count], bins[count], most, bins[(int)feature.ImputedValue]);
    }
}
