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

    /// <summary>Adds the leaves of two blocks, both of them found by <see cref="BlockWay.LevelsOfBlock"/>.</summary>
    /// <param name="levels">The form of the trees.</param>
    /// <param name="codes">The blocks' codes.</param>
    /// <param name="sums">One for each row: 64 of the first block, up to 64 of the second.</param>
    /// <param name="found">For each block, what notes which leaves they were; null where nobody will ask.</param>
    public void AddTwo(LevelForest levels, AlignedBytes[] codes, Span<double> sums, FoundLeaves[]? found)
    {
        if (_forest.Member.SinglePrecision)
            AddTwo<SingleAddition>(levels, codes, sums, found);
        else
            AddTwo<DoubleAddition>(levels, codes, sums, found);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTwo<TAddition>(LevelForest levels, AlignedBytes[] codes, Span<double> sums, FoundLeaves[]? found)
        where TAddition : struct, IAddition
    {
        for (var tree = 0; tree < _forest.Member.Trees.Count; tree++)
        {
            var leaves = found is null ? _scratch!.Leaves : found[0].OfBlock(levels, tree);
            var otherLeaves = found is null ? _scratch!.OtherLeaves : found[1].OfBlock(levels, tree);
            levels.FindLeaves(tree, codes[0], codes[1], leaves, otherLeaves);
            var output = levels.Output.AsSpan(_forest.FirstLeaf[tree]);
            AddTree<TAddition>(leaves, output, sums[..RowCoder.BlockRows]);
            AddTree<TAddition>(otherLeaves, output, sums[RowCoder.BlockRows..]);
        }
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
            var leaves = found is null ? scratch.Leaves : found.OfBlock(block, tree);
            block.FindLeaves(tree, codes, scratch, leaves);
            AddTree<TAddition>(leaves, block.Output.AsSpan(_forest.FirstLeaf[tree]), sums);
        }
    }

    // Four leaves are read at once and their outputs added one by one: the loop is all loads.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddTree<TAddition>(ReadOnlySpan<ushort> leaves, ReadOnlySpan<double> output, Span<double> sums)
        where TAddition : struct, IAddition
    {
        fixed (ushort* leaf = leaves)
        fixed (double* of = output)
        fixed (double* sum = sums)
        {
            var row = 0;
            for (; row + 4 <= sums.Length; row += 4)
            {
                var four = *(ulong*)(leaf + row);
                var at = sum + row;
                at[0] = TAddition.Add(at[0], of[(ushort)four]);
                at[1] = TAddition.Add(at[1], of[(ushort)(four >> 16)]);
                at[2] = TAddition.Add(at[2], of[(ushort)(four >> 32)]);
                at[3] = TAddition.Add(at[3], of[four >> 48]);
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
