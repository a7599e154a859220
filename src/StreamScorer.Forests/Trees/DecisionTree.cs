using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>
/// One binary tree in flat arrays, nodes in pre-order: node 0 is the root, the left child of <c>i</c> is <c>i + 1</c>, the
/// right child is <c>Right[i]</c> (greater than <c>i + 1</c>), and a leaf has <c>Feature[i] == -1</c>. Immutable once built
/// by <see cref="TreeBuilder"/>.
/// </summary>
/// <remarks>
/// A split sends a value left when it is at most the threshold, or when its category is in the set; a missing value (NaN)
/// takes the split's own direction. A category value that is not one of the feature's codes counts as the rare bucket.
/// </remarks>
internal sealed class DecisionTree
{
    public const int Leaf = -1;

    private readonly int[] _categoryCounts;

    public DecisionTree(TreeArrays arrays, int[] categoryCounts)
    {
        _categoryCounts = categoryCounts;
        Feature = arrays.Feature;
        Threshold = arrays.Threshold;
        SetStart = arrays.SetStart;
        SetWords = arrays.SetWords;
        MissingLeft = arrays.MissingLeft;
        Right = arrays.Right;
        Value = arrays.Value;
        Cover = arrays.Cover;
        Gain = arrays.Gain;
        Depth = FillInnerNodes();
    }

    /// <summary>Feature tested by each node, -1 for a leaf.</summary>
    public int[] Feature { get; }

    /// <summary>Largest value that goes left; unused for set splits and leaves.</summary>
    public double[] Threshold { get; }

    /// <summary>Start of the node's category set in <see cref="SetWords"/>, -1 for threshold splits and leaves.</summary>
    public int[] SetStart { get; }

    /// <summary>Bit sets end to end, <c>ceil(K / 64)</c> words each: bit c set = category c goes left.</summary>
    public ulong[] SetWords { get; }

    public bool[] MissingLeft { get; }

    public int[] Right { get; }

    /// <summary>Leaf: its output. Inner node: cover-weighted mean of the leaves below.</summary>
    public double[] Value { get; }

    /// <summary>Training weight that reached the node (rows, or the sum of second derivatives in boosting).</summary>
    public double[] Cover { get; }

    /// <summary>What the split improved the training criterion by; 0 for leaves and where a source did not say.</summary>
    public double[] Gain { get; }

    /// <summary>Most splits on a path from the root to a leaf; 0 for a single leaf.</summary>
    public int Depth { get; }

    public int NodeCount => Feature.Length;

    /// <summary>A split has two children, so there is a leaf more than splits.</summary>
    public int LeafCount => (NodeCount + 1) / 2;

    /// <summary>How many leaves come before each node, in pre-order: of a leaf, its number within the tree.</summary>
    public int[] LeavesBefore()
    {
        var before = new int[NodeCount];
        for (var node = 1; node < NodeCount; node++)
            before[node] = before[node - 1] + (Feature[node - 1] == Leaf ? 1 : 0);
        return before;
    }

    /// <summary>All nodes level by level, each level from left to right, so that a split's children stand side by side.</summary>
    public int[] ByLevel()
    {
        var nodes = new int[NodeCount];
        var placed = 1;
        foreach (var node in nodes)
        {
            if (Feature[node] == Leaf)
                continue;
            nodes[placed++] = node + 1;
            nodes[placed++] = Right[node];
        }

        return nodes;
    }

    /// <summary>The same tree with every output multiplied.</summary>
    public DecisionTree Scaled(double factor)
    {
        if (factor == 1)
            return this;
        var scaled = Array.ConvertAll(Value, output => output * factor);
        return new DecisionTree(
            new TreeArrays(Feature, Threshold, SetStart, SetWords, MissingLeft, Right, scaled, Cover, Gain), _categoryCounts);
    }

    /// <summary>Index of the leaf that a feature row reaches.</summary>
    public int FindLeaf(ReadOnlySpan<double> row)
    {
        var node = 0;
        while (Feature[node] != Leaf)
            node = GoesLeft(node, row[Feature[node]]) ? node + 1 : Right[node];
        return node;
    }

    public bool GoesLeft(int node, double value)
    {
        if (double.IsNaN(value))
            return MissingLeft[node];
        if (SetStart[node] < 0)
            return value <= Threshold[node];
        var code = CategoryCode(value, _categoryCounts[Feature[node]]);
        return (SetWords[SetStart[node] + (code >> 6)] >> (code & 63) & 1) != 0;
    }

    /// <summary>The code a row's value stands for; anything but 0, 1, …, count - 1 is the rare bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CategoryCode(double value, int count)
    {
        // Within the range, what the processor makes of other numbers does not matter.
        var code = value >= 0 && value < count ? double.ConvertToIntegerNative<int>(value) : Forests.Feature.RareCode;
        return code == value ? code : Forests.Feature.RareCode;
    }

    // Children stand behind their parent, so one backward pass sees both before it; a forward pass finds depths.
    private int FillInnerNodes()
    {
        for (var i = NodeCount - 1; i >= 0; i--)
        {
            if (Feature[i] == Leaf)
                continue;
            var (left, right) = (i + 1, Right[i]);
            Cover[i] = Cover[left] + Cover[right];
            Value[i] = Cover[i] > 0
                ? ((Value[left] * Cover[left]) + (Value[right] * Cover[right])) / Cover[i]
                : (Value[left] + Value[right]) / 2;
        }

        var depths = new int[NodeCount];
        for (var i = 0; i < NodeCount; i++)
        {
            if (Feature[i] != Leaf)
                depths[i + 1] = depths[Right[i]] = depths[i] + 1;
        }

        return depths.Max();
    }
}
