using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// Exact path-dependent TreeSHAP (Lundberg et al. 2018): Shapley values of the game in which a feature outside the coalition
/// sends a row down both branches by training cover.
/// </summary>
/// <remarks>
/// For a leaf with value v, let z be, per feature on its path, the product of cover shares, and o 1 when the row agrees with
/// all of the feature's splits on the path, else 0. The Shapley weight k!(m-1-k)!/m! is the integral of t^k (1-t)^(m-1-k)
/// over 0…1, so feature j gets v(o_j - z_j) times the integral of the product over i ≠ j of (z_i(1-t) + o_i t). That is a
/// polynomial in t, which Gauss–Legendre quadrature integrates exactly. Products go down the tree once and sums of leaves
/// come up once (as in Yu et al., "Linear TreeSHAP", 2022), eight quadrature nodes side by side.
/// A row that left a feature's path further up adds nothing new for that feature: the two shares cancel.
/// </remarks>
internal sealed class TreeShap
{
    private readonly TreeShapTable[] _tables;
    private readonly int _features;

    public TreeShap(IReadOnlyList<DecisionTree> trees, int features)
    {
        _features = features;
        _tables = [.. trees.Select(tree => new TreeShapTable(tree))];
        var most = _tables.Max(table => table.Tree.NodeCount);
        ScratchNodes = most;
    }

    /// <summary>Nodes of the largest tree: the length of a scratch.</summary>
    public int ScratchNodes { get; }

    /// <summary>Adds the Shapley values of the sum of leaves to <paramref name="contributions"/>.</summary>
    public void Add(ReadOnlySpan<double> row, TreeShapScratch scratch, Span<double> contributions)
    {
        foreach (var table in _tables)
        {
            Follow(table, row, scratch.Agrees);
            for (var group = 0; group < table.Groups; group++)
                AddGroup(table, group, scratch);
        }

        for (var feature = 0; feature < _features; feature++)
        {
            contributions[feature] += Vector512.Sum(scratch.Shares[feature]);
            scratch.Shares[feature] = Vector512<double>.Zero;
        }
    }

    // Per node: whether the row agrees with every split of the edge's feature from the root to here.
    private static void Follow(TreeShapTable table, ReadOnlySpan<double> row, bool[] agrees)
    {
        var tree = table.Tree;
        for (var node = 0; node < tree.NodeCount; node++)
        {
            var feature = tree.Feature[node];
            if (feature == DecisionTree.Leaf)
                continue;
            var left = tree.GoesLeft(node, row[feature]);
            var before = table.Before[node + 1];
            var agreed = before < 0 || agrees[before];
            agrees[node + 1] = agreed && left;
            agrees[tree.Right[node]] = agreed && !left;
        }
    }

    private static void AddGroup(TreeShapTable table, int group, TreeShapScratch scratch)
    {
        var tree = table.Tree;
        var (agrees, products, shares) = (scratch.Agrees, scratch.Products, scratch.Shares);
        var vectors = table.Vectors.AsSpan(group * tree.NodeCount * TreeShapTable.VectorsPerEdge);
        products[0] = Vector512<double>.One;
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                products[node] *= tree.Value[node];
                continue;
            }

            products[node + 1] = products[node] * Factor(table, vectors, node + 1, agrees);
            products[tree.Right[node]] = products[node] * Factor(table, vectors, tree.Right[node], agrees);
        }

        // From here on a product holds the sum over the leaves below. Children stand behind their parent.
        for (var node = tree.NodeCount - 1; node >= 0; node--)
        {
            var feature = tree.Feature[node];
            if (feature == DecisionTree.Leaf)
                continue;
            var (left, right) = (node + 1, tree.Right[node]);
            shares[feature] += (products[left] * Share(table, vectors, left, agrees))
                + (products[right] * Share(table, vectors, right, agrees));
            products[node] = products[left] + products[right];
        }
    }

    private static Vector512<double> Factor(
        TreeShapTable table, ReadOnlySpan<Vector512<double>> vectors, int node, bool[] agrees)
    {
        var at = node * TreeShapTable.VectorsPerEdge;
        if (agrees[node])
            return vectors[at];
        var before = table.Before[node];
        return before < 0 || agrees[before] ? vectors[at + 2] : Vector512.Create(table.StayFactor[node]);
    }

    private static Vector512<double> Share(
        TreeShapTable table, ReadOnlySpan<Vector512<double>> vectors, int node, bool[] agrees)
    {
        var at = node * TreeShapTable.VectorsPerEdge;
        if (agrees[node])
            return vectors[at + 1];
        var before = table.Before[node];
        return before < 0 || agrees[before] ? vectors[at + 3] : Vector512<double>.Zero;
    }
}

/// <summary>Buffers of one thread for <see cref="TreeShap"/>.</summary>
internal sealed class TreeShapScratch(int nodes, int features)
{
    public bool[] Agrees { get; } = new bool[nodes];

    public Vector512<double>[] Products { get; } = new Vector512<double>[nodes];

    public Vector512<double>[] Shares { get; } = new Vector512<double>[features];
}
