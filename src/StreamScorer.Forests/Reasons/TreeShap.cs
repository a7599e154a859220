using System.Runtime.CompilerServices;
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
/// polynomial in t, which Gauss–Legendre quadrature integrates exactly. Per quadrature node, products go down the tree once
/// and sums of leaves come up once (as in Yu et al., "Linear TreeSHAP", 2022), for eight rows side by side. A row that left a
/// feature's path further up adds nothing new for that feature: the two shares cancel.
/// </remarks>
internal sealed class TreeShap
{
    /// <summary>Rows side by side: doubles in the widest register.</summary>
    public const int Lanes = 8;

    private static readonly Vector512<ulong> FirstRows = Vector512.Create(1ul, 2, 4, 8, 16, 32, 64, 128);

    private readonly TreeShapTable[] _tables;
    private readonly int _features;

    public TreeShap(ForestMember member, CompiledForest? forest, int features)
    {
        _features = features;
        _tables = [.. member.Trees.Select((tree, number) => new TreeShapTable(tree, number, forest))];
        MostNodes = _tables.Max(table => table.Tree.NodeCount);
    }

    /// <summary>Nodes of the largest tree: the length of a scratch.</summary>
    public int MostNodes { get; }

    /// <summary>Adds the Shapley values of the sum of leaves for up to 64 rows.</summary>
    /// <param name="rows">Row-major feature rows.</param>
    /// <param name="codes">Their codes; of no use to a member without a compiled form.</param>
    /// <param name="scratch">At least <see cref="MostNodes"/> long.</param>
    /// <param name="contributions">As long as the rows.</param>
    public void Add(ReadOnlySpan<double> rows, AlignedBytes codes, TreeShapScratch scratch, Span<double> contributions)
    {
        var count = rows.Length / _features;
        foreach (var table in _tables)
        {
            table.FindAgreement(rows, _features, codes, scratch);
            for (var first = 0; first < count; first += Lanes)
            {
                var shares = scratch.Shares.AsSpan(first / Lanes * _features, _features);
                for (var at = 0; at < table.QuadratureNodes; at++)
                {
                    Descend(table, at, first, scratch);
                    Ascend(table, at, first, scratch, shares);
                }
            }
        }

        for (var row = 0; row < count; row++)
        {
            var shares = scratch.Shares.AsSpan(row / Lanes * _features, _features);
            for (var feature = 0; feature < _features; feature++)
                contributions[(row * _features) + feature] += shares[feature].GetElement(row % Lanes);
        }

        scratch.Shares.AsSpan().Clear();
    }

    // Per node, the product of the factors of all features on its path; at a leaf, times its value.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Descend(TreeShapTable table, int at, int first, TreeShapScratch scratch)
    {
        var edges = table.Edges(at);
        var (agrees, lives, products) = (scratch.Agrees, scratch.Lives, scratch.Products);
        var rows = FirstRows << first;
        products[0] = Vector512<double>.One;
        foreach (var split in table.Splits)
        {
            var product = products[split.Node];
            var live = Among(lives[split.Node], rows);
            var left = Among(agrees[split.Left], rows);
            products[split.Left] = product * Factor(edges[split.Left], left, live);
            products[split.Right] = product * Factor(edges[split.Right], Vector512.AndNot(live, left), live);
        }
    }

    // Products become sums over the leaves below; each edge's share of them belongs to its feature.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Ascend(
        TreeShapTable table, int at, int first, TreeShapScratch scratch, Span<Vector512<double>> shares)
    {
        var edges = table.Edges(at);
        var splits = table.Splits;
        var (agrees, lives, sums) = (scratch.Agrees, scratch.Lives, scratch.Products);
        var rows = FirstRows << first;
        for (var i = splits.Length - 1; i >= 0; i--)
        {
            ref readonly var split = ref splits[i];
            var live = Among(lives[split.Node], rows);
            var left = Among(agrees[split.Left], rows);
            var (leftSum, rightSum) = (sums[split.Left], sums[split.Right]);
            shares[split.Feature] += (leftSum * Share(edges[split.Left], left, live))
                + (rightSum * Share(edges[split.Right], Vector512.AndNot(live, left), live));
            sums[split.Node] = leftSum + rightSum;
        }
    }

    // All bits set in the lanes of the rows that are among those given.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Among(ulong given, Vector512<ulong> rows) =>
        Vector512.Equals(Vector512.Create(given) & rows, rows).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Factor(in TreeShapEdge edge, Vector512<double> agrees, Vector512<double> live) =>
        Vector512.ConditionalSelect(
            agrees, Vector512.Create(edge.AgreeFactor),
            Vector512.ConditionalSelect(live, Vector512.Create(edge.LeaveFactor), Vector512.Create(edge.StayFactor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Share(in TreeShapEdge edge, Vector512<double> agrees, Vector512<double> live) =>
        Vector512.ConditionalSelect(
            agrees, Vector512.Create(edge.AgreeShare), live & Vector512.Create(edge.LeaveShare));
}

/// <summary>Buffers of one thread for <see cref="TreeShap"/>.</summary>
internal sealed class TreeShapScratch(int nodes, int features)
{
    /// <summary>By node: the rows, bit by bit, that agree with every split of the edge's feature from the root to here.</summary>
    public ulong[] Agrees { get; } = new ulong[nodes];

    /// <summary>By split node: the rows that have not left the path of the split's feature above it.</summary>
    public ulong[] Lives { get; } = new ulong[nodes];

    public Vector512<double>[] Products { get; } = new Vector512<double>[nodes];

    /// <summary>Eight rows by eight rows, by feature.</summary>
    public Vector512<double>[] Shares { get; } = new Vector512<double>[RowCoder.BlockRows / TreeShap.Lanes * features];
}
