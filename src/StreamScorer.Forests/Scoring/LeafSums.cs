using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>How the leaves of a block of rows are found. All ways give the same bits.</summary>
internal enum BlockWay
{
    /// <summary>Row by row, eight trees in flight: for few rows.</summary>
    TreesOfEachRow,

    /// <summary>Tree by tree, eight rows in flight.</summary>
    RowsOfEachTree,

    /// <summary>Tree by tree, all 64 rows at once, by <see cref="BlockForest"/>: as dear for one row as for all.</summary>
    WholeBlock,
}

/// <summary>
/// Sums the leaves that the rows of a block reach, always tree by tree for each row, so that every way adds the same numbers
/// in the same order. Owns scratch: one thread at a time.
/// </summary>
internal sealed class LeafSums
{
    private readonly CompiledForest _forest;
    private readonly BlockScratch? _scratch;
    private readonly int[] _leaves;

    public LeafSums(CompiledForest forest)
    {
        _forest = forest;
        _scratch = forest.Block is null ? null : new BlockScratch();
        _leaves = new int[Math.Max(RowCoder.BlockRows, forest.Member.Trees.Count)];
    }

    /// <summary>
    /// Leaf that one row of a block reaches in every tree, an index of <see cref="CompiledForest.Output"/>; valid until the
    /// next call.
    /// </summary>
    public ReadOnlySpan<int> FindLeaves(AlignedBytes codes, int row)
    {
        _forest.FindLeavesOfRow(codes.Span, row, _leaves);
        return _leaves.AsSpan(0, _forest.Member.Trees.Count);
    }

    /// <summary><see cref="CompiledForest.LeafNumber"/> of one row of a block in every tree; valid until the next call.</summary>
    public ReadOnlySpan<int> NumberLeaves(AlignedBytes codes, int row)
    {
        var nodes = FindLeaves(codes, row);
        for (var tree = 0; tree < nodes.Length; tree++)
            _leaves[tree] = _forest.LeafNumber[nodes[tree]];
        return nodes;
    }

    /// <summary>Adds the leaves of the block's first rows, as many as there are sums.</summary>
    /// <param name="way">How to find them.</param>
    /// <param name="codes">A block of codes.</param>
    /// <param name="sums">One for each row.</param>
    /// <param name="found">Notes which leaves they were; null where nobody will ask.</param>
    public void Add(BlockWay way, AlignedBytes codes, Span<double> sums, FoundLeaves? found = null)
    {
        if (_forest.Member.SinglePrecision)
            Add<SingleAddition>(way, codes, sums, found);
        else
            Add<DoubleAddition>(way, codes, sums, found);
    }

    private void Add<TAddition>(BlockWay way, AlignedBytes codes, Span<double> sums, FoundLeaves? found)
        where TAddition : struct, IAddition
    {
        if (way == BlockWay.WholeBlock && _forest.Block is { } block)
            AddWholeBlock<TAddition>(block, _scratch!, codes, sums, found);
        else if (way == BlockWay.RowsOfEachTree)
            AddRowsOfEachTree<TAddition>(codes.Span, sums, found);
        else
            AddTreesOfEachRow<TAddition>(codes, sums, found);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddWholeBlock<TAddition>(BlockForest block, BlockScratch scratch, AlignedBytes codes, Span<double> sums, FoundLeaves? found)
        where TAddition : struct, IAddition
    {
        for (var tree = 0; tree < _forest.Member.Trees.Count; tree++)
        {
            var leaves = block.FindLeaves(tree, codes, scratch)[..sums.Length];
            var pages = block.FindPages(tree, codes, scratch);
            found?.KeepBlock(tree, leaves, pages);
            ref var output = ref block.Output[_forest.FirstLeaf[tree]];
            if (pages.IsEmpty)
            {
                for (var row = 0; row < leaves.Length; row++)
                    sums[row] = TAddition.Add(sums[row], Unsafe.Add(ref output, (nint)leaves[row]));
                continue;
            }

            for (var row = 0; row < leaves.Length; row++)
            {
                var leaf = (pages[row] * BlockScratch.PageLeaves) + leaves[row];
                sums[row] = TAddition.Add(sums[row], Unsafe.Add(ref output, leaf));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRowsOfEachTree<TAddition>(ReadOnlySpan<byte> codes, Span<double> sums, FoundLeaves? found)
        where TAddition : struct, IAddition
    {
        for (var tree = 0; tree < _forest.Member.Trees.Count; tree++)
        {
            _forest.FindLeaves(tree, codes, sums.Length, _leaves);
            found?.KeepRows(tree, _leaves.AsSpan(0, sums.Length));
            var output = _forest.Output.AsSpan(_forest.TreeStart[tree]);
            for (var row = 0; row < sums.Length; row++)
                sums[row] = TAddition.Add(sums[row], output[_leaves[row]]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTreesOfEachRow<TAddition>(AlignedBytes codes, Span<double> sums, FoundLeaves? found)
        where TAddition : struct, IAddition
    {
        for (var row = 0; row < sums.Length; row++)
        {
            var sum = sums[row];
            var leaves = FindLeaves(codes, row);
            found?.KeepTrees(row, leaves);
            foreach (var leaf in leaves)
                sum = TAddition.Add(sum, _forest.Output[leaf]);
            sums[row] = sum;
        }
    }

    /// <summary>One step of a sum in the member's precision; a type, so that the loops need not ask.</summary>
    private interface IAddition
    {
        static abstract double Add(double sum, double leaf);
    }

    private readonly struct DoubleAddition : IAddition
    {
        public static double Add(double sum, double leaf) => sum + leaf;
    }

    private readonly struct SingleAddition : IAddition
    {
        public static double Add(double sum, double leaf) => (float)sum + (float)leaf;
    }
}
