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
    private readonly List<int> feature = [];
    private readonly List<double> threshold = [];
    private readonly List<int> setStart = [];
    private readonly List<ulong> setWords = [];
    private readonly List<bool> missingLeft = [];
    private readonly List<int> right = [];
    private readonly List<double> value = [];
    private readonly List<double> cover = [];
    private readonly List<double> gain = [];

    public int NodeCount => feature.Count;

    public int AddLeaf(double output, double weight) => Add(DecisionTree.Leaf, 0, -1, false, output, weight, 0);

    public int AddThresholdSplit(int featureIndex, double largestLeft, bool missingGoesLeft, double splitGain) =>
        Add(featureIndex, largestLeft, -1, missingGoesLeft, 0, 0, splitGain);

    /// <param name="leftSet">Bit c set = category c goes left; <c>ceil(K / 64)</c> words.</param>
    public int AddSetSplit(int featureIndex, ReadOnlySpan<ulong> leftSet, bool missingGoesLeft, double splitGain)
    {
        var start = setWords.Count;
        foreach (var word in leftSet)
            setWords.Add(word);
        return Add(featureIndex, 0, start, missingGoesLeft, 0, 0, splitGain);
    }

    /// <summary>The next node added is the right child of <paramref name="split"/>.</summary>
    public void BeginRight(int split) => right[split] = feature.Count;

    /// <param name="categoryCounts">Codes per feature of the schema, 0 where a feature is not categorical.</param>
    public DecisionTree Build(int[] categoryCounts)
    {
        var tree = new DecisionTree(
            new TreeArrays([.. feature], [.. threshold], [.. setStart], [.. setWords], [.. missingLeft], [.. right],
                [.. value], [.. cover], [.. gain]),
            categoryCounts);
        Clear();
        return tree;
    }

    private int Add(int node, double cut, int set, bool missing, double output, double weight, double splitGain)
    {
        feature.Add(node);
        threshold.Add(cut);
        setStart.Add(set);
        missingLeft.Add(missing);
        right.Add(0);
        value.Add(output);
        cover.Add(weight);
        gain.Add(splitGain);
        return feature.Count - 1;
    }

    private void Clear()
    {
        feature.Clear();
        threshold.Clear();
        setStart.Clear();
        setWords.Clear();
        missingLeft.Clear();
        right.Clear();
        value.Clear();
        cover.Clear();
        gain.Clear();
    }
}
