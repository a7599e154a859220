using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// Trees of at most 512 leaves in a form that finds the leaves of a whole block of 64 rows without following any row: from
/// the deepest split to the root, each split chooses for every row between the leaf numbers its two children have come up
/// with. A split is one comparison and one blend of 64 bytes; nothing is looked up and nothing is predicted wrongly.
/// </summary>
internal sealed class BlockForest : IBlockForest
{
    private const int PageLeaves = BlockScratch.PageLeaves;

    private readonly BlockSplit[] _splits;
    private readonly BorderSplit[]?[] _borders;
    private readonly int[] _firstSplit;
    private readonly int[] _firstLeaf;

    private BlockForest(CompiledForest forest, ColumnPlan plan)
    {
        var trees = forest.Member.Trees;
        _firstLeaf = forest.FirstLeaf;
        _firstSplit = new int[trees.Count + 1];
        for (var tree = 0; tree < trees.Count; tree++)
            _firstSplit[tree + 1] = _firstSplit[tree] + trees[tree].LeafCount - 1;

        _splits = new BlockSplit[_firstSplit[^1]];
        _borders = new BorderSplit[]?[trees.Count];
        Output = new double[_firstLeaf[^1]];
        LeafNumber = new int[_firstLeaf[^1]];
        for (var tree = 0; tree < trees.Count; tree++)
        {
            var leavesBefore = trees[tree].LeavesBefore();
            Pack(trees[tree], plan, tree, leavesBefore);
            NumberLeaves(forest, tree, leavesBefore);
        }
    }

    public double[] Output { get; }

    // Within a tree they are in pre-order here, which makes a page a range of the tree.
    public int[] LeafNumber { get; }

    /// <summary>Null when a tree has more leaves than two pages hold.</summary>
    public static BlockForest? Compile(CompiledForest forest, ColumnPlan plan) =>
        forest.Member.Trees.All(tree => tree.LeafCount <= BlockScratch.MostLeaves)
            ? new BlockForest(forest, plan)
            : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void FindLeaves(int tree, AlignedBytes codes, BlockScratch scratch, Span<ushort> leaves)
    {
        var block = codes.Pointer;
        var slots = scratch.Pointer;
        var splits = _splits.AsSpan(_firstSplit[tree].._firstSplit[tree + 1]);
        var slot = slots + BlockScratch.FirstSplit + (splits.Length * RowCoder.BlockRows);
        for (var i = splits.Length - 1; i >= 0; i--)
        {
            ref readonly var split = ref splits[i];
            var right = Vector512.GreaterThan(
                Vector512.LoadAligned(block + split.ColumnStart), Vector512.Create(split.Code));
            var chosen = Vector512.ConditionalSelect(
                right, Vector512.LoadAligned(slots + split.Right), Vector512.LoadAligned(slots + split.Left));
            slot -= RowCoder.BlockRows;
            chosen.StoreAligned(slot);
        }

        // A tree that is a single leaf has no split: every row is in leaf 0, the first of the constant slots.
        BlockScratch.Write(
            Vector512.LoadAligned(splits.IsEmpty ? slots : slot), BehindFirstPage(tree, codes), PageLeaves, leaves);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe Vector512<byte> BehindFirstPage(int tree, AlignedBytes codes)
    {
        if (_borders[tree] is not { } splits)
            return Vector512<byte>.Zero;
        // From the border to the root: a row that turns off to the left of the border is before it, to the right behind it.
        var behind = Vector512<byte>.AllBitsSet;
        for (var i = splits.Length - 1; i >= 0; i--)
        {
            var right = Vector512.GreaterThan(
                Vector512.LoadAligned(codes.Pointer + splits[i].ColumnStart), Vector512.Create(splits[i].Code));
            behind = splits[i].BorderIsRight ? right & behind : right | behind;
        }

        return behind;
    }

    // Nodes stand in pre-order, so a split's children come behind it and the backward pass meets them first.
    private void Pack(DecisionTree tree, ColumnPlan plan, int number, int[] leavesBefore)
    {
        var slot = new int[tree.NodeCount];
        for (var node = 0; node < tree.NodeCount; node++)
        {
            var isLeaf = tree.Feature[node] == DecisionTree.Leaf;
            slot[node] = isLeaf ? leavesBefore[node] % PageLeaves : PageLeaves + node - leavesBefore[node];
        }

        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                Output[_firstLeaf[number] + leavesBefore[node]] = tree.Value[node];
                continue;
            }

            var (column, code) = plan.Place(tree, node);
            _splits[_firstSplit[number] + slot[node] - PageLeaves] =
                new BlockSplit(column, code, slot[node + 1], slot[tree.Right[node]]);
        }

        if (tree.LeafCount > PageLeaves)
            _borders[number] = [.. BorderSplits(tree, plan, leavesBefore)];
    }

    private void NumberLeaves(CompiledForest forest, int tree, int[] leavesBefore)
    {
        var nodes = forest.NodesByLevel(tree);
        for (var i = 0; i < nodes.Count; i++)
        {
            if (forest.Member.Trees[tree].Feature[nodes[i]] == DecisionTree.Leaf)
                LeafNumber[_firstLeaf[tree] + leavesBefore[nodes[i]]] = forest.LeafNumber[nodes.Offset + i];
        }
    }

    // From the root to the split whose left side ends with the first page and whose right side begins the second.
    private static IEnumerable<BorderSplit> BorderSplits(DecisionTree tree, ColumnPlan plan, int[] leavesBefore)
    {
        for (var node = 0; ;)
        {
            var right = tree.Right[node];
            var (column, code) = plan.Place(tree, node);
            yield return new BorderSplit((uint)(column * RowCoder.BlockRows), (byte)code, leavesBefore[right] <= PageLeaves);
            if (leavesBefore[right] == PageLeaves)
                yield break;
            node = leavesBefore[right] < PageLeaves ? right : node + 1;
        }
    }

    /// <summary>A split on the way to the border between the pages, which lies on its right or on its left.</summary>
    private readonly record struct BorderSplit(uint ColumnStart, byte Code, bool BorderIsRight);

    /// <summary>8 bytes: where the children's leaf numbers are in the scratch, where the codes are, the split's code.</summary>
    private readonly struct BlockSplit(int column, int code, int left, int right)
    {
        private readonly ushort _left = (ushort)(left * RowCoder.BlockRows);
        private readonly ushort _right = (ushort)(right * RowCoder.BlockRows);
        private readonly uint _columnAndCode = ((uint)column * RowCoder.BlockRows << 8) | (uint)code;

        public uint Left => _left;

        public uint Right => _right;

        public uint ColumnStart => _columnAndCode >> 8;

        public byte Code => (byte)_columnAndCode;
    }
}
