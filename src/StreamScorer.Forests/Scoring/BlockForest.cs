using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// Trees of at most 256 leaves in a form that finds the leaves of a whole block of 64 rows without following any row: from
/// the deepest split to the root, each split chooses for every row between the leaf numbers its two children have come up
/// with. A split is one comparison and one blend of 64 bytes; nothing is looked up and nothing is predicted wrongly.
/// </summary>
internal sealed class BlockForest
{
    /// <summary>Leaf numbers are bytes.</summary>
    private const int MostLeaves = 256;

    private readonly BlockSplit[] _splits;
    private readonly int[] _firstSplit;
    private readonly int[] _firstLeaf;

    private BlockForest(CompiledForest forest, ColumnPlan plan)
    {
        var trees = forest.Member.Trees;
        _firstSplit = new int[trees.Count + 1];
        _firstLeaf = new int[trees.Count + 1];
        for (var tree = 0; tree < trees.Count; tree++)
        {
            var leaves = trees[tree].Feature.Count(feature => feature == DecisionTree.Leaf);
            _firstLeaf[tree + 1] = _firstLeaf[tree] + leaves;
            _firstSplit[tree + 1] = _firstSplit[tree] + leaves - 1;
        }

        _splits = new BlockSplit[_firstSplit[^1]];
        Output = new double[_firstLeaf[^1]];
        for (var tree = 0; tree < trees.Count; tree++)
            Pack(trees[tree], plan, tree);
    }

    /// <summary>The leaf's output, by <see cref="FirstLeaf"/> and leaf number.</summary>
    public double[] Output { get; }

    /// <summary>Null when a tree has more leaves than a byte can number.</summary>
    public static BlockForest? Compile(CompiledForest forest, ColumnPlan plan) =>
        forest.Member.Trees.All(tree => (tree.NodeCount + 1) / 2 <= MostLeaves) ? new BlockForest(forest, plan) : null;

    /// <summary>Where the outputs of a tree's leaves begin in <see cref="Output"/>.</summary>
    public int FirstLeaf(int tree) => _firstLeaf[tree];

    /// <summary>The number of the leaf that each of the 64 rows of a block reaches in one tree.</summary>
    /// <param name="tree">0 to trees - 1.</param>
    /// <param name="codes">A block of codes.</param>
    /// <param name="scratch">Of this thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe ReadOnlySpan<byte> FindLeaves(int tree, AlignedBytes codes, BlockScratch scratch)
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
        return new ReadOnlySpan<byte>(splits.IsEmpty ? slots : slot, RowCoder.BlockRows);
    }

    // Nodes stand in pre-order, so a split's children come behind it and the backward pass meets them first.
    private void Pack(DecisionTree tree, ColumnPlan plan, int number)
    {
        var slot = new int[tree.NodeCount];
        var (splits, leaves) = (0, 0);
        for (var node = 0; node < tree.NodeCount; node++)
            slot[node] = tree.Feature[node] == DecisionTree.Leaf ? leaves++ : MostLeaves + splits++;
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                Output[_firstLeaf[number] + slot[node]] = tree.Value[node];
                continue;
            }

            var (column, code) = plan.Place(tree, node);
            _splits[_firstSplit[number] + slot[node] - MostLeaves] =
                new BlockSplit(column, code, slot[node + 1], slot[tree.Right[node]]);
        }
    }

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

/// <summary>
/// Leaf numbers of 64 rows in slots of 64 bytes: first one slot for every leaf, which holds its number 64 times, then one for
/// every split of the tree at work.
/// </summary>
internal sealed class BlockScratch
{
    private const int Leaves = 256;

    private readonly AlignedBytes _slots = new(2 * Leaves * RowCoder.BlockRows);

    public BlockScratch()
    {
        for (var leaf = 0; leaf < Leaves; leaf++)
            _slots.Span.Slice(leaf * RowCoder.BlockRows, RowCoder.BlockRows).Fill((byte)leaf);
    }

    /// <summary>Bytes before the slot of a tree's first split.</summary>
    public static int FirstSplit => Leaves * RowCoder.BlockRows;

    public unsafe byte* Pointer => _slots.Pointer;
}
