using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// Per-path contributions of one member (Saabas 2014): going down a path, the change of the mean output from a node to its
/// child belongs to the node's feature. All of a leaf's changes are known beforehand, so they are kept per leaf, summed by
/// feature, and a row costs little more than finding its leaves. Where a schema has no more than <see cref="MostDense"/>
/// features, nearly all of them stand on a path: a leaf then has a change of every feature, zeros among them, and two
/// additions of whole registers instead of one of each change; adding a zero leaves the bits as they are. The registers
/// hold the first features and the last, some of them twice, so that a leaf takes no more memory than its features: what
/// such a table costs is the cache that it displaces.
/// </summary>
internal sealed class PathContributions
{
    private const int MostDense = 2 * Register;
    private const int Register = 8;

    private readonly int[] _start;
    private readonly Change[] _changes;
    private readonly double[] _dense;
    private readonly int _width;

    public PathContributions(CompiledForest forest, int featureCount)
    {
        _start = new int[forest.FirstLeaf[^1] + 1];
        var changes = new List<Change>();
        var number = 0;
        for (var tree = 0; tree < forest.Member.Trees.Count; tree++)
        {
            foreach (var path in Paths(forest.Member.Trees[tree], forest.NodesByLevel(tree)))
            {
                foreach (var (feature, change) in path)
                    changes.Add(new Change(change, feature));
                _start[++number] = changes.Count;
            }
        }

        _width = Math.Max(Register, featureCount);
        _dense = featureCount <= MostDense ? Dense(changes) : [];
        _changes = featureCount <= MostDense ? [] : [.. changes];
    }

    /// <param name="leaves"><see cref="CompiledForest.LeafNumber"/> of the row in every tree.</param>
    /// <param name="contributions">The leaves' contributions to the sum of outputs are added, tree by tree.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<int> leaves, Span<double> contributions)
    {
        if (_dense.Length > 0)
        {
            AddDense(leaves, contributions);
            return;
        }

        foreach (var leaf in leaves)
        {
            foreach (ref readonly var change in _changes.AsSpan(_start[leaf].._start[leaf + 1]))
                contributions[change.Feature] += change.Output;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddDense(ReadOnlySpan<int> leaves, Span<double> contributions)
    {
        Span<double> sums = stackalloc double[MostDense];
        sums.Clear();
        contributions.CopyTo(sums);
        var last = _width - Register;
        var firstSums = Vector512.Create<double>(sums);
        var lastSums = Vector512.Create<double>(sums[last..]);
        foreach (var leaf in leaves)
        {
            var changes = _dense.AsSpan(leaf * _width, _width);
            firstSums += Vector512.Create<double>(changes);
            lastSums += Vector512.Create<double>(changes[last..]);
        }

        firstSums.CopyTo(sums);
        lastSums.CopyTo(sums[last..]);
        sums[..contributions.Length].CopyTo(contributions);
    }

    private double[] Dense(List<Change> changes)
    {
        var dense = new double[(_start.Length - 1) * _width];
        for (var leaf = 0; leaf < _start.Length - 1; leaf++)
        {
            for (var i = _start[leaf]; i < _start[leaf + 1]; i++)
                dense[(leaf * _width) + changes[i].Feature] = changes[i].Output;
        }

        return dense;
    }

    // Changes per feature from the root to each leaf, in the order of the leaves' numbers.
    private static IEnumerable<SortedDictionary<int, double>> Paths(DecisionTree tree, ArraySegment<int> nodes)
    {
        var paths = new SortedDictionary<int, double>[tree.NodeCount];
        paths[0] = [];
        foreach (var node in nodes)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                yield return paths[node];
                continue;
            }

            foreach (var child in new[] { node + 1, tree.Right[node] })
            {
                paths[child] = new SortedDictionary<int, double>(paths[node]);
                paths[child][tree.Feature[node]] =
                    paths[node].GetValueOrDefault(tree.Feature[node]) + tree.Value[child] - tree.Value[node];
            }

            paths[node] = [];
        }
    }

    /// <summary>What a path's splits on one feature changed together.</summary>
    private readonly record struct Change(double Output, int Feature);
}
