using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamScorer.Forests;

/// <summary>
/// Per-path contributions of one member (Saabas 2014): going down a path, the change of the mean output from a node to its
/// child belongs to the node's feature. All of a leaf's changes are known beforehand, so they are kept per leaf, summed by
/// feature, and a row costs little more than finding its leaves. Where a schema has no more than <see cref="MostDense"/>
/// features, nearly all of them stand on a path: a leaf then has a change of every feature, zeros among them, and two
/// additions of whole registers instead of one of each change; adding a zero leaves the bits as they are. The registers
/// hold the first features and the last, some of them twice, so that a leaf takes no more memory than its features: what
/// such a table costs is the cache that it displaces. With more features a leaf has a record of its changes alone. Records of
/// a thousand trees fit into no cache of a core's own, and which one comes next is known: it is fetched some trees ahead.
/// </summary>
internal sealed class PathContributions
{
    private const int MostDense = 2 * Register;
    private const int Register = 8;

    // Trees ahead of the one being added; a record's place is fetched first, then the record.
    private const int PlacesAhead = 32;
    private const int RecordsAhead = 16;

    // Features in a word of a record; the first of them is the number of changes.
    private const int PerWord = sizeof(ulong) / sizeof(ushort);
    private const int CacheLine = 64 / sizeof(ulong);

    private readonly int _width;
    private readonly double[] _dense = [];

    // By leaf: where its record begins: the number of changes, their features, 16 bits each, and from the next word on the
    // changes themselves.
    private readonly int[] _start = [];
    private readonly ulong[] _records = [];

    public PathContributions(CompiledForest forest, int featureCount)
    {
        _width = Math.Max(Register, featureCount);
        var paths = Enumerable.Range(0, forest.Member.Trees.Count)
            .SelectMany(tree => Paths(forest.Member.Trees[tree], forest.NodesByLevel(tree)));
        if (featureCount <= MostDense)
            _dense = Dense(paths, forest.FirstLeaf[^1]);
        else
            (_start, _records) = Records(paths);
    }

    /// <param name="leaves"><see cref="CompiledForest.LeafNumber"/> of the row in every tree.</param>
    /// <param name="contributions">The leaves' contributions to the sum of outputs are added, tree by tree.</param>
    public void Add(ReadOnlySpan<int> leaves, Span<double> contributions)
    {
        if (_dense.Length > 0)
            AddDense(leaves, contributions);
        else
            AddRecords(leaves, contributions);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddRecords(ReadOnlySpan<int> leaves, Span<double> contributions)
    {
        var last = leaves.Length - 1;
        fixed (int* starts = _start)
        fixed (ulong* records = _records)
        {
            for (var tree = 0; tree < leaves.Length; tree++)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(starts + leaves[Math.Min(tree + PlacesAhead, last)]);
                    var ahead = records + starts[leaves[Math.Min(tree + RecordsAhead, last)]];
                    Sse.Prefetch0(ahead);
                    Sse.Prefetch0(ahead + CacheLine);
                }

                var record = records + starts[leaves[tree]];
                var features = (ushort*)record;
                var count = *features++;
                var changes = (double*)(record + WordsBeforeChanges(count));
                for (var i = 0; i < count; i++)
                    contributions[features[i]] += changes[i];
            }
        }
    }

    private static int WordsBeforeChanges(int count) => 1 + (count / PerWord);

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

    private double[] Dense(IEnumerable<Change[]> paths, int leaves)
    {
        var dense = new double[leaves * _width];
        var leaf = 0;
        foreach (var path in paths)
        {
            foreach (var change in path)
                dense[(leaf * _width) + change.Feature] = change.Output;
            leaf++;
        }

        return dense;
    }

    private static (int[] Start, ulong[] Records) Records(IEnumerable<Change[]> paths)
    {
        var (start, records) = (new List<int>(), new List<ulong>());
        foreach (var path in paths)
        {
            start.Add(records.Count);
            var head = new ulong[WordsBeforeChanges(path.Length)];
            var features = MemoryMarshal.Cast<ulong, ushort>(head.AsSpan());
            features[0] = (ushort)path.Length;
            for (var i = 0; i < path.Length; i++)
                features[1 + i] = (ushort)path[i].Feature;
            records.AddRange(head);
            foreach (var change in path)
                records.Add(BitConverter.DoubleToUInt64Bits(change.Output));
        }

        return ([.. start], [.. records]);
    }

    // Changes from the root to each leaf, one per feature, in the order of the leaves' numbers.
    private static IEnumerable<Change[]> Paths(DecisionTree tree, ArraySegment<int> nodes)
    {
        var paths = new Change[tree.NodeCount][];
        paths[0] = [];
        foreach (var node in nodes)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                yield return paths[node];
            }
            else
            {
                paths[node + 1] = Extend(paths[node], tree, node, node + 1);
                paths[tree.Right[node]] = Extend(paths[node], tree, node, tree.Right[node]);
            }

            paths[node] = [];
        }
    }

    private static Change[] Extend(Change[] path, DecisionTree tree, int node, int child)
    {
        var feature = tree.Feature[node];
        var at = 0;
        while (at < path.Length && path[at].Feature != feature)
            at++;
        var longer = new Change[Math.Max(path.Length, at + 1)];
        path.CopyTo(longer, 0);
        longer[at] = new Change(feature, longer[at].Output + tree.Value[child] - tree.Value[node]);
        return longer;
    }

    /// <summary>What a path's splits on one feature changed together.</summary>
    private readonly record struct Change(int Feature, double Output);
}
