using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>
/// Per-path contributions of one member (Saabas 2014): going down a path, the change of the mean output from a node to its
/// child belongs to the node's feature. All of a leaf's changes are known beforehand, so they are kept per leaf, summed by
/// feature, and a row costs little more than finding its leaves.
/// </summary>
internal sealed class PathContributions
{
    private readonly CompiledForest _forest;
    private readonly int[] _start;
    private readonly Change[] _changes;

    public PathContributions(CompiledForest forest)
    {
        _forest = forest;
        _start = new int[forest.Output.Length + 1];
        var changes = new List<Change>();
        for (var tree = 0; tree < forest.Member.Trees.Count; tree++)
        {
            var paths = Paths(forest.Member.Trees[tree]);
            for (var at = forest.TreeStart[tree]; at < forest.TreeStart[tree + 1]; at++)
            {
                foreach (var (feature, change) in paths[forest.SourceNode[at]])
                    changes.Add(new Change(change, feature));
                _start[at + 1] = changes.Count;
            }
        }

        _changes = [.. changes];
    }

    /// <param name="leaves">Leaf of every tree, an index of <see cref="CompiledForest.Output"/>.</param>
    /// <param name="contributions">The leaves' contributions to the sum of outputs are added, tree by tree.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<int> leaves, Span<double> contributions)
    {
        foreach (var leaf in leaves)
        {
            foreach (ref readonly var change in _changes.AsSpan(_start[leaf].._start[leaf + 1]))
                contributions[change.Feature] += change.Output;
        }
    }

    // Changes per feature from the root to each leaf; empty for inner nodes, which no row ends in.
    private static SortedDictionary<int, double>[] Paths(DecisionTree tree)
    {
        var paths = new SortedDictionary<int, double>[tree.NodeCount];
        paths[0] = [];
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
                continue;
            foreach (var child in new[] { node + 1, tree.Right[node] })
            {
                paths[child] = new SortedDictionary<int, double>(paths[node]);
                paths[child][tree.Feature[node]] =
                    paths[node].GetValueOrDefault(tree.Feature[node]) + tree.Value[child] - tree.Value[node];
            }

            paths[node] = [];
        }

        return paths;
    }

    /// <summary>What a path's splits on one feature changed together.</summary>
    private readonly record struct Change(double Output, int Feature);
}
