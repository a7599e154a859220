using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>
/// One member's trees in the form the scoring loop wants: packed nodes, siblings side by side, level by level; the codes'
/// layout; an output per node. Built once per model, shared by its scorers.
/// </summary>
internal abstract class CompiledForest
{
    /// <summary>Trees walked at the same time when there is but one row.</summary>
    public const int LanesPerRow = 8;

    private readonly Lazy<BlockWay[]> _ways;

    protected CompiledForest(ForestMember member, ColumnPlan plan)
    {
        Member = member;
        Coder = plan.CreateCoder();
        TreeStart = new int[member.Trees.Count + 1];
        for (var tree = 0; tree < member.Trees.Count; tree++)
            TreeStart[tree + 1] = TreeStart[tree] + member.Trees[tree].NodeCount;
        SourceNode = [.. member.Trees.SelectMany(tree => tree.ByLevel())];
        Output = new double[TreeStart[^1]];
        LeafNumber = new int[TreeStart[^1]];
        FirstLeaf = new int[member.Trees.Count + 1];
        for (var tree = 0; tree < member.Trees.Count; tree++)
            FirstLeaf[tree + 1] = NumberLeaves(tree);
        Block = BlockForest.Compile(this, plan);
        Levels = LevelForest.Compile(this, plan);
        _ways = new Lazy<BlockWay[]>(() => BlockWays.Measure(this));
    }

    public ForestMember Member { get; }

    public RowCoder Coder { get; }

    /// <summary>The form for whole blocks; null when a tree is too large for it.</summary>
    public BlockForest? Block { get; }

    /// <summary>The form for whole blocks that goes level by level; null when a tree or this processor is not made for it.</summary>
    public LevelForest? Levels { get; }

    /// <summary>The form for single rows; null when the trees or this processor are not made for it.</summary>
    public LaneForest? Lanes { get; protected init; }

    /// <summary>First node of each tree in <see cref="Output"/>; one more than trees.</summary>
    public int[] TreeStart { get; }

    /// <summary>The source tree's node behind each packed node.</summary>
    public int[] SourceNode { get; }

    /// <summary>The leaf's output, by packed node.</summary>
    public double[] Output { get; }

    /// <summary>
    /// Number of the first leaf of each tree, and in the end of all: leaves are numbered through all trees, in each from the
    /// highest level down and from left to right.
    /// </summary>
    public int[] FirstLeaf { get; }

    /// <summary>The leaf's number, by packed node; of no use for a split.</summary>
    public int[] LeafNumber { get; }

    /// <summary>The source nodes of one tree in the order of their packed nodes: level by level, from left to right.</summary>
    public ArraySegment<int> NodesByLevel(int tree) => new(SourceNode, TreeStart[tree], TreeStart[tree + 1] - TreeStart[tree]);

    /// <summary>Null when the trees need more columns or nodes than the wide form holds.</summary>
    public static CompiledForest? Compile(FeatureSchema schema, ForestMember member)
    {
        var nodes = member.Trees.Max(tree => tree.NodeCount);
        if (nodes <= NarrowNode.MostNodes && ColumnPlan.For(schema, member.Trees, NarrowNode.MostColumns) is { } narrow)
            return new CompiledForest<NarrowNode>(member, narrow);
        return ColumnPlan.For(schema, member.Trees, WideNode.MostColumns) is { } wide
            ? new CompiledForest<WideNode>(member, wide)
            : null;
    }

    /// <summary>The fastest way for this many rows of a block, 1 to 64; measured when it is first asked for.</summary>
    public BlockWay WayOf(int rows) => _ways.Value[rows];

    /// <summary>
    /// A split, by <see cref="Output"/>'s index: where its column begins in a block of codes, highest code to the left.
    /// </summary>
    public abstract (uint ColumnStart, byte Code) SplitOf(int node);

    /// <summary>Packed node (within its tree) of the leaf that each row of a block reaches in one tree.</summary>
    /// <param name="leaves">At least <paramref name="count"/> rounded up to 8 long.</param>
    public abstract void FindLeaves(int tree, ReadOnlySpan<byte> codes, int count, Span<int> leaves);

    /// <summary>
    /// Leaf (over all trees, an index of <see cref="Output"/>) that one row of a block reaches in every tree.
    /// </summary>
    /// <param name="leaves">At least the number of trees rounded up to 8 long.</param>
    public abstract void FindLeavesOfRow(ReadOnlySpan<byte> codes, int row, Span<int> leaves);

    private int NumberLeaves(int tree)
    {
        var next = FirstLeaf[tree];
        for (var at = TreeStart[tree]; at < TreeStart[tree + 1]; at++)
            LeafNumber[at] = Member.Trees[tree].Feature[SourceNode[at]] == DecisionTree.Leaf ? next++ : next;
        return next;
    }
}

/// <inheritdoc cref="CompiledForest"/>
internal sealed class CompiledForest<TNode> : CompiledForest
    where TNode : unmanaged, IPackedNode<TNode>
{
    private readonly TNode[] _nodes;
    private readonly int[] _depths;

    public CompiledForest(ForestMember member, ColumnPlan plan)
        : base(member, plan)
    {
        _nodes = new TNode[SourceNode.Length];
        _depths = new int[member.Trees.Count];
        for (var tree = 0; tree < member.Trees.Count; tree++)
        {
            _depths[tree] = member.Trees[tree].Depth;
            Pack(member.Trees[tree], plan, TreeStart[tree]);
        }

        Lanes = _nodes is NarrowNode[] narrow ? LaneForest.Compile(this, narrow) : null;
    }

    public override (uint ColumnStart, byte Code) SplitOf(int node) => (_nodes[node].ColumnStart, (byte)_nodes[node].Code);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void FindLeaves(int tree, ReadOnlySpan<byte> codes, int count, Span<int> leaves)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, RowCoder.BlockRows);
        ArgumentOutOfRangeException.ThrowIfLessThan(leaves.Length, (count + 7) & ~7);
        ArgumentOutOfRangeException.ThrowIfLessThan(codes.Length, Coder.ColumnCount * RowCoder.BlockRows);
        fixed (TNode* all = _nodes)
        fixed (byte* block = codes)
        fixed (int* found = leaves)
        {
            for (var row = 0; row < count; row += 8)
                WalkRows(all + TreeStart[tree], _depths[tree], block + row, found + row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void FindLeavesOfRow(ReadOnlySpan<byte> codes, int row, Span<int> leaves)
    {
        var trees = _depths.Length;
        ArgumentOutOfRangeException.ThrowIfLessThan(leaves.Length, trees);
        ArgumentOutOfRangeException.ThrowIfLessThan(codes.Length, Coder.ColumnCount * RowCoder.BlockRows);
        fixed (TNode* all = _nodes)
        fixed (byte* block = codes)
        fixed (int* found = leaves)
        {
            var tree = 0;
            for (; tree + LanesPerRow <= trees; tree += LanesPerRow)
                WalkTrees(all, tree, block + row, found + tree);
            for (; tree < trees; tree++)
                found[tree] = TreeStart[tree] + (int)WalkOne(all + TreeStart[tree], _depths[tree], block + row);
        }
    }

    // Children stand side by side, so that the right one is "left plus one".
    private void Pack(DecisionTree tree, ColumnPlan plan, int start)
    {
        var children = 1;
        for (var at = 0; at < tree.NodeCount; at++)
        {
            var node = SourceNode[start + at];
            Output[start + at] = tree.Value[node];
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                _nodes[start + at] = TNode.Pack(0, byte.MaxValue, at);
                continue;
            }

            var (column, code) = plan.Place(tree, node);
            _nodes[start + at] = TNode.Pack(column, code, children);
            children += 2;
        }
    }

    // Eight rows in flight: each one's next node depends on its last, so a single row would wait for every load.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void WalkRows(TNode* tree, int depth, byte* codes, int* found)
    {
        uint n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0, n6 = 0, n7 = 0;
        for (; depth > 0; depth--)
        {
            n0 = Next(tree[n0], codes);
            n1 = Next(tree[n1], codes + 1);
            n2 = Next(tree[n2], codes + 2);
            n3 = Next(tree[n3], codes + 3);
            n4 = Next(tree[n4], codes + 4);
            n5 = Next(tree[n5], codes + 5);
            n6 = Next(tree[n6], codes + 6);
            n7 = Next(tree[n7], codes + 7);
        }

        found[0] = (int)n0;
        found[1] = (int)n1;
        found[2] = (int)n2;
        found[3] = (int)n3;
        found[4] = (int)n4;
        found[5] = (int)n5;
        found[6] = (int)n6;
        found[7] = (int)n7;
    }

    // One row through eight trees at once; shallower trees wait in their leaves for the deepest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void WalkTrees(TNode* all, int first, byte* codes, int* found)
    {
        var depth = 0;
        for (var lane = 0; lane < LanesPerRow; lane++)
            depth = Math.Max(depth, _depths[first + lane]);
        fixed (int* start = &TreeStart[first])
        {
            TNode* t0 = all + start[0], t1 = all + start[1], t2 = all + start[2], t3 = all + start[3];
            TNode* t4 = all + start[4], t5 = all + start[5], t6 = all + start[6], t7 = all + start[7];
            uint n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0, n6 = 0, n7 = 0;
            for (; depth > 0; depth--)
            {
                n0 = Next(t0[n0], codes);
                n1 = Next(t1[n1], codes);
                n2 = Next(t2[n2], codes);
                n3 = Next(t3[n3], codes);
                n4 = Next(t4[n4], codes);
                n5 = Next(t5[n5], codes);
                n6 = Next(t6[n6], codes);
                n7 = Next(t7[n7], codes);
            }

            found[0] = start[0] + (int)n0;
            found[1] = start[1] + (int)n1;
            found[2] = start[2] + (int)n2;
            found[3] = start[3] + (int)n3;
            found[4] = start[4] + (int)n4;
            found[5] = start[5] + (int)n5;
            found[6] = start[6] + (int)n6;
            found[7] = start[7] + (int)n7;
        }
    }

    private static unsafe uint WalkOne(TNode* tree, int depth, byte* codes)
    {
        uint node = 0;
        for (; depth > 0; depth--)
            node = Next(tree[node], codes);
        return node;
    }

    // The sign bit of "node code minus row code" is 1 exactly when the row's code is above: right child, without a branch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe uint Next(TNode node, byte* codes) =>
        node.Left + ((uint)(node.Code - codes[node.ColumnStart]) >> 31);
}
