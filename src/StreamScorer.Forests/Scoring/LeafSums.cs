using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>How the leaves of a block of rows are found. All ways give the same bits.</summary>
internal enum BlockWay
{
    /// <summary>Row by row, eight trees in flight: for few rows.</summary>
    TreesOfEachRow,

    /// <summary>Row by row, 64 trees in flight, by <see cref="LaneForest"/>: for few rows.</summary>
    LanesOfEachRow,

    /// <summary>Tree by tree, eight rows in flight.</summary>
    RowsOfEachTree,

    /// <summary>Tree by tree, all 64 rows at once, by <see cref="BlockForest"/>: as dear for one row as for all.</summary>
    WholeBlock,

    /// <summary>Tree by tree, all 64 rows at once, by <see cref="LevelForest"/>: as dear for one row as for all.</summary>
    LevelsOfBlock,
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
        _scratch = forest.Block is null && forest.Levels is null ? null : new BlockScratch();
        _leaves = new int[(Math.Max(RowCoder.BlockRows, forest.Member.Trees.Count) + LaneForest.TreesAtOnce - 1)
            / LaneForest.TreesAtOnce * LaneForest.TreesAtOnce];
    }

    /// <summary>
    /// Leaf that one row of a block reaches in every tree, an index of <see cref="CompiledForest.Output"/>; valid until the
    /// next call.
    /// </summary>
    public ReadOnlySpan<int> FindLeaves(AlignedBytes codes, int row) => FindLeaves(null, codes, row);

    private ReadOnlySpan<int> FindLeaves(LaneForest? lanes, AlignedBytes codes, int row)
    {
        if (lanes is null)
            _forest.FindLeavesOfRow(codes.Span, row, _leaves);
        else
            lanes.FindLeaves(codes, row, _leaves);
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
            AddBlock<TAddition>(block, _scratch!, codes, sums, found);
        else if (way == BlockWay.LevelsOfBlock && _forest.Levels is { } levels)
            AddBlock<TAddition>(levels, _scratch!, codes, sums, found);
        else if (way == BlockWay.RowsOfEachTree)
            AddRowsOfEachTree<TAddition>(codes.Span, sums, found);
        else
            AddTreesOfEachRow<TAddition>(way == BlockWay.LanesOfEachRow ? _forest.Lanes : null, codes, sums, found);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBlock<TAddition>(IBlockForest block, BlockScratch scratch, AlignedBytes codes, Span<double> sums, FoundLeaves? found)
        where TAddition : struct, IAddition
    {
        for (var tree = 0; tree < _forest.Member.Trees.Count; tree++)
        {
            var leaves = block.FindLeaves(tree, codes, scratch, out var pages)[..sums.Length];
            found?.KeepBlock(block, tree, leaves, pages);
            var output = block.Output.AsSpan(_forest.FirstLeaf[tree]);
            if (pages.IsEmpty)
            {
                AddPage<TAddition>(leaves, output, sums);
                continue;
            }

            var secondPage = block.SecondPage[tree];
            for (var row = 0; row < leaves.Length; row++)
            {
                var leaf = (pages[row] * secondPage) + leaves[row];
                sums[row] = TAddition.Add(sums[row], output[leaf]);
            }
        }
    }

    // Eight leaves' numbers are read at once and written out one by one: the loop is all loads.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddPage<TAddition>(ReadOnlySpan<byte> leaves, ReadOnlySpan<double> output, Span<double> sums)
        where TAddition : struct, IAddition
    {
        fixed (byte* leaf = leaves)
        fixed (double* of = output)
        fixed (double* sum = sums)
        {
            var row = 0;
            for (; row + sizeof(ulong) <= sums.Length; row += sizeof(ulong))
            {
                var eight = *(ulong*)(leaf + row);
                var at = sum + row;
                at[0] = TAddition.Add(at[0], of[(byte)eight]);
                at[1] = TAddition.Add(at[1], of[(byte)(eight >> 8)]);
                at[2] = TAddition.Add(at[2], of[(byte)(eight >> 16)]);
                at[3] = TAddition.Add(at[3], of[(byte)(eight >> 24)]);
                at[4] = TAddition.Add(at[4], of[(byte)(eight >> 32)]);
                at[5] = TAddition.Add(at[5], of[(byte)(eight >> 40)]);
                at[6] = TAddition.Add(at[6], of[(byte)(eight >> 48)]);
                at[7] = TAddition.Add(at[7], of[eight >> 56]);
            }

            for (; row < sums.Length; row++)
                sum[row] = TAddition.Add(sum[row], of[leaf[row]]);
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
    private void AddTreesOfEachRow<TAddition>(LaneForest? lanes, AlignedBytes codes, Span<double> sums, FoundLeaves? found)
        where TAddition : struct, IAddition
    {
        for (var row = 0; row < sums.Length; row++)
        {
            var sum = sums[row];
            var leaves = FindLeaves(lanes, codes, row);
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
