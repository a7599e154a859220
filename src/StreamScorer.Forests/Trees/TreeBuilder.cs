namespace StreamScorer.Forests;

/// <summary>The arrays of a <see cref="DecisionTree"/>; all but <see cref="SetWords"/> have one entry per node.</summary>
internal sealed record TreeArrays(
    int[] Feature, double[] Threshold, int[] SetStart, ulong[] SetWords, bool[] MissingLeft, int[] Right,
    double[] Value, double[] Cover, double[] Gain);

/// <summary>
/// Collects a tree's nodes in pre-order: add a split, then its whole left subtree, then call <see cref="BeginRight"/> and add
/// the whole right subtree. Reusable after <see cref="Build"/>.
/// </summary>
internal sealed class TreeBuilder
{
    private readonly List<int> _feature = [];
    private readonly List<double> _threshold = [];
    private readonly List<int> _setStart = [];
    private readonly List<ulong> _setWords = [];
    private readonly List<bool> _missingLeft = [];
    private readonly List<int> _right = [];
    private readonly List<double> _value = [];
    private readonly List<double> _cover = [];
    private readonly List<double> _gain = [];

    public int NodeCount => _feature.Count;

    public int AddLeaf(double output, double weight) => Add(DecisionTree.Leaf, 0, -1, false, output, weight, 0);

    public int AddThresholdSplit(int featureIndex, double largestLeft, bool missingGoesLeft, double splitGain) =>
        Add(featureIndex, largestLeft, -1, missingGoesLeft, 0, 0, splitGain);

    /// <param name="leftSet">Bit c set = category c goes left; <c>ceil(K / 64)</c> words.</param>
    public int AddSetSplit(int featureIndex, ReadOnlySpan<ulong> leftSet, bool missingGoesLeft, double splitGain)
    {
        var start = _setWords.Count;
        foreach (var word in leftSet)
            _setWords.Add(word);
        return Add(featureIndex, 0, start, missingGoesLeft, 0, 0, splitGain);
    }

    /// <summary>The next node added is the right child of <paramref name="split"/>.</summary>
    public void BeginRight(int split) => _right[split] = _feature.Count;

    /// <param name="categoryCounts">Codes per feature of the schema, 0 where a feature is not categorical.</param>
    public DecisionTree Build(int[] categoryCounts)
    {
        var tree = new DecisionTree(
            new TreeArrays([.. _feature], [.. _threshold], [.. _setStart], [.. _setWords], [.. _missingLeft], [.. _right],
                [.. _value], [.. _cover], [.. _gain]),
            categoryCounts);
        Clear();
        return tree;
    }

    private int Add(int node, double cut, int set, bool missing, double output, double weight, double splitGain)
    {
        _feature.Add(node);
        _threshold.Add(cut);
        _setStart.Add(set);
        _missingLeft.Add(missing);
        _right.Add(0);
        _value.Add(output);
        _cover.Add(weight);
        _gain.Add(splitGain);
        return _feature.Count - 1;
    }

    private void Clear()
    {
        _feature.Clear();
        _threshold.Clear();
        _setStart.Clear();
        _setWords.Clear();
        _missingLeft.Clear();
        _right.Clear();
        _value.Clear();
        _cover.Clear();
        _gain.Clear();
    }
}
