using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// What exact TreeSHAP needs to know about one tree, independent of the row. See <see cref="TreeShap"/> for the method.
/// </summary>
/// <remarks>
/// Each node but the root stands for the edge that leads to it. "Before" means the nearest edge above on the same feature.
/// For eight quadrature nodes at a time the table holds, per edge, what a row's product is multiplied by and what the edge's
/// leaves count for its feature, for the two cases that depend on the quadrature node: the row agrees with the edge, or it
/// disagrees here for the first time.
/// </remarks>
internal sealed class TreeShapTable
{
    public const int Lanes = 8;

    /// <summary>
    /// Vectors per edge and group of quadrature nodes: factor and share when agreeing, factor and share when leaving.
    /// </summary>
    public const int VectorsPerEdge = 4;

    private readonly double[] _coverShare;

    public TreeShapTable(DecisionTree tree)
    {
        Tree = tree;
        Before = new int[tree.NodeCount];
        _coverShare = new double[tree.NodeCount];
        StayFactor = new double[tree.NodeCount];
        FillPaths();
        Groups = Math.Max(1, (MostFeaturesOnPath() + (2 * Lanes) - 1) / (2 * Lanes));
        Vectors = new Vector512<double>[Groups * tree.NodeCount * VectorsPerEdge];
        var (nodes, weights) = GaussLegendre.OnUnitInterval(Groups * Lanes);
        for (var node = 1; node < tree.NodeCount; node++)
        {
            for (var lane = 0; lane < nodes.Length; lane++)
                FillEdge(node, lane, nodes[lane], weights[lane]);
        }

    }

    public DecisionTree Tree { get; }

    /// <summary>Groups of eight quadrature nodes: one per 16 different features on a path.</summary>
    public int Groups { get; }

    /// <summary>By node: the nearest node above whose edge tests the same feature; -1 for none.</summary>
    public int[] Before { get; }

    /// <summary>By node: the factor for a row that had left the feature's path already further up.</summary>
    public double[] StayFactor { get; }

    /// <summary>Group by group, node by node, <see cref="VectorsPerEdge"/> each.</summary>
    public Vector512<double>[] Vectors { get; }

    // Share of the training rows that pass all the edges of this feature down to here.
    private void FillPaths()
    {
        var parents = new int[Tree.NodeCount];
        Before[0] = parents[0] = -1;
        for (var node = 0; node < Tree.NodeCount; node++)
        {
            if (Tree.Feature[node] == DecisionTree.Leaf)
                continue;
            parents[node + 1] = parents[Tree.Right[node]] = node;
        }

        for (var node = 1; node < Tree.NodeCount; node++)
        {
            var parent = parents[node];
            var above = parent;
            while (above > 0 && Tree.Feature[parents[above]] != Tree.Feature[parent])
                above = parents[above];
            Before[node] = above > 0 ? above : -1;
            StayFactor[node] = Tree.Cover[parent] > 0 ? Tree.Cover[node] / Tree.Cover[parent] : 0.5;
            _coverShare[node] = StayFactor[node] * (Before[node] < 0 ? 1 : _coverShare[Before[node]]);
        }
    }

    private int MostFeaturesOnPath()
    {
        var counts = new int[Tree.NodeCount];
        var most = 0;
        for (var node = 0; node < Tree.NodeCount; node++)
        {
            if (Tree.Feature[node] == DecisionTree.Leaf)
                continue;
            counts[node + 1] = counts[node] + (Before[node + 1] < 0 ? 1 : 0);
            counts[Tree.Right[node]] = counts[node + 1];
            most = Math.Max(most, counts[node + 1]);
        }

        return most;
    }

    private void FillEdge(int node, int lane, double t, double weight)
    {
        var share = _coverShare[node];
        var (before, shareBefore) = Before[node] < 0 ? (1.0, 0.0) : Agreeing(_coverShare[Before[node]], t);
        var (agree, shareAgree) = Agreeing(share, t);
        var (leave, shareLeave) = (share * (1 - t), -1 / (1 - t));
        var at = (((lane / Lanes) * Tree.NodeCount) + node) * VectorsPerEdge;
        Set(at, lane, agree / before);
        Set(at + 1, lane, weight * (shareAgree - shareBefore));
        Set(at + 2, lane, leave / before);
        Set(at + 3, lane, weight * (shareLeave - shareBefore));
    }

    private void Set(int at, int lane, double value) => Vectors[at] = Vectors[at].WithElement(lane % Lanes, value);

    // Factor z(1 - t) + t of a feature the row agrees with, and the derivative's share (1 - z) over that factor.
    private static (double Factor, double Share) Agreeing(double z, double t)
    {
        var factor = (z * (1 - t)) + t;
        return (factor, (1 - z) / factor);
    }
}
