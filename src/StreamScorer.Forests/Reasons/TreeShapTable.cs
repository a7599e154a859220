using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// What an edge does at one quadrature node: the factor of a row's product, and what the leaves below count for the edge's
/// feature, for a row that agrees with the edge, one that leaves the feature's path here, and one that had left it further
/// up, which counts nothing.
/// </summary>
/// <remarks>The factors of an edge to a leaf hold the leaf's value too.</remarks>
internal readonly record struct TreeShapEdge(
    double AgreeFactor, double LeaveFactor, double StayFactor, double AgreeShare, double LeaveShare);

/// <summary>An inner node with its children and its feature.</summary>
internal readonly record struct TreeShapSplit(int Node, int Left, int Right, int Feature);

/// <summary>
/// What exact TreeSHAP needs to know about one tree, independent of the row. See <see cref="TreeShap"/> for the method.
/// Each node but the root stands for the edge that leads to it.
/// </summary>
internal sealed class TreeShapTable
{
    private readonly CompiledForest? _forest;
    private readonly TreeShapSplit[] _splits;
    private readonly TreeShapEdge[] _edges;
    private readonly double[] _coverShare;

    // By node: the nearest node above whose edge tests the same feature; -1 for none.
    private readonly int[] _before;

    // By node of the source tree: where the forest has packed it.
    private readonly int[] _packed;

    public TreeShapTable(DecisionTree tree, int number, CompiledForest? forest)
    {
        Tree = tree;
        _forest = forest;
        _splits = [.. Enumerable.Range(0, tree.NodeCount).Where(node => tree.Feature[node] != DecisionTree.Leaf)
            .Select(node => new TreeShapSplit(node, node + 1, tree.Right[node], tree.Feature[node]))];
        _before = new int[tree.NodeCount];
        _coverShare = new double[tree.NodeCount];
        _packed = forest is null ? [] : Packed(forest, number, tree.NodeCount);
        var stayFactors = FillPaths();
        QuadratureNodes = Math.Max(1, (MostFeaturesOnPath() + 1) / 2);
        _edges = new TreeShapEdge[QuadratureNodes * tree.NodeCount];
        var (nodes, weights) = GaussLegendre.OnUnitInterval(QuadratureNodes);
        for (var at = 0; at < nodes.Length; at++)
        {
            for (var node = 1; node < tree.NodeCount; node++)
                _edges[(at * tree.NodeCount) + node] = Edge(node, stayFactors[node], nodes[at], weights[at]);
        }
    }

    public DecisionTree Tree { get; }

    /// <summary>One per two different features on a path: enough to integrate the longest path's polynomial.</summary>
    public int QuadratureNodes { get; }

    /// <summary>The inner nodes; children stand behind their parent.</summary>
    public ReadOnlySpan<TreeShapSplit> Splits => _splits;

    /// <summary>The edges at one quadrature node, by node.</summary>
    public ReadOnlySpan<TreeShapEdge> Edges(int at) => _edges.AsSpan(at * Tree.NodeCount, Tree.NodeCount);

    /// <summary>Fills in, bit by bit, which rows agree with the edges of the tree.</summary>
    public void FindAgreement(ReadOnlySpan<double> rows, int stride, AlignedBytes codes, TreeShapScratch scratch)
    {
        foreach (var split in _splits)
        {
            var right = _forest is null ? GoRight(split.Node, rows, stride) : GoRight(_forest, split.Node, codes);
            var live = _before[split.Left] < 0 ? ulong.MaxValue : scratch.Agrees[_before[split.Left]];
            scratch.Lives[split.Node] = live;
            scratch.Agrees[split.Left] = live & ~right;
            scratch.Agrees[split.Right] = live & right;
        }
    }

    private unsafe ulong GoRight(CompiledForest forest, int node, AlignedBytes codes)
    {
        var (column, code) = forest.SplitOf(_packed[node]);
        return Vector512.GreaterThan(Vector512.LoadAligned(codes.Pointer + column), Vector512.Create(code))
            .ExtractMostSignificantBits();
    }

    private ulong GoRight(int node, ReadOnlySpan<double> rows, int stride)
    {
        var right = 0ul;
        for (var row = 0; row < rows.Length / stride; row++)
        {
            if (!Tree.GoesLeft(node, rows[(row * stride) + Tree.Feature[node]]))
                right |= 1ul << row;
        }

        return right;
    }

    private static int[] Packed(CompiledForest forest, int number, int nodes)
    {
        var packed = new int[nodes];
        for (var at = forest.TreeStart[number]; at < forest.TreeStart[number + 1]; at++)
            packed[forest.SourceNode[at]] = at;
        return packed;
    }

    // Finds the nearest edges of the same features and the shares of the training rows that pass all of those down to here;
    // returns, by node, the share that passes the edge itself.
    private double[] FillPaths()
    {
        var own = new double[Tree.NodeCount];
        var parents = new int[Tree.NodeCount];
        _before[0] = parents[0] = -1;
        foreach (var split in _splits)
            parents[split.Left] = parents[split.Right] = split.Node;

        for (var node = 1; node < Tree.NodeCount; node++)
        {
            var parent = parents[node];
            var above = parent;
            while (above > 0 && Tree.Feature[parents[above]] != Tree.Feature[parent])
                above = parents[above];
            _before[node] = above > 0 ? above : -1;
            own[node] = Tree.Cover[parent] > 0 ? Tree.Cover[node] / Tree.Cover[parent] : 0.5;
            _coverShare[node] = own[node] * (_before[node] < 0 ? 1 : _coverShare[_before[node]]);
        }

        return own;
    }

    private int MostFeaturesOnPath()
    {
        var counts = new int[Tree.NodeCount];
        var most = 0;
        foreach (var split in _splits)
        {
            counts[split.Left] = counts[split.Right] = counts[split.Node] + (_before[split.Left] < 0 ? 1 : 0);
            most = Math.Max(most, counts[split.Left]);
        }

        return most;
    }

    // What the nearest edge above on the same feature has put into the product and the share is taken out again.
    private TreeShapEdge Edge(int node, double stayFactor, double t, double weight)
    {
        var (before, shareBefore) = _before[node] < 0 ? (1.0, 0.0) : Agreeing(_coverShare[_before[node]], t);
        var (agree, shareAgree) = Agreeing(_coverShare[node], t);
        var leave = _coverShare[node] * (1 - t);
        var shareLeave = -1 / (1 - t);
        var value = Tree.Feature[node] == DecisionTree.Leaf ? Tree.Value[node] : 1;
        return new TreeShapEdge(
            value * agree / before, value * leave / before, value * stayFactor,
            weight * (shareAgree - shareBefore), weight * (shareLeave - shareBefore));
    }

    // Factor z(1 - t) + t of a feature the row agrees with, and the derivative's share (1 - z) over that factor.
    private static (double Factor, double Share) Agreeing(double z, double t)
    {
        var factor = (z * (1 - t)) + t;
        return (factor, (1 - z) / factor);
    }
}
