namespace StreamScorer.Forests;

/// <summary>
/// The leaves that the rows of one block have reached when they were scored, so that reasons of some of them need not look
/// for them again. Noted as they were found and numbered when somebody asks: most rows are never asked for.
/// </summary>
internal sealed class FoundLeaves(CompiledForest forest)
{
    private const int Rows = RowCoder.BlockRows;

    private readonly ushort[] _leaves = new ushort[forest.Member.Trees.Count * Rows];
    private readonly int[] _nodes = new int[forest.Member.Trees.Count * Rows];
    private readonly int[] _numbers = new int[forest.Member.Trees.Count];
    private IBlockForest? _block;

    /// <summary><see cref="CompiledForest.LeafNumber"/> of one row in every tree; valid until the next call.</summary>
    /// <param name="row">0 to rows of the block - 1.</param>
    public ReadOnlySpan<int> Of(int row)
    {
        if (_block is null)
        {
            for (var tree = 0; tree < _numbers.Length; tree++)
                _numbers[tree] = forest.LeafNumber[_nodes[(tree * Rows) + row]];
            return _numbers;
        }

        var firsts = forest.FirstLeaf;
        for (var tree = 0; tree < _numbers.Length; tree++)
            _numbers[tree] = firsts[tree] + _leaves[(tree * Rows) + row];

        if (_block.LeafNumber is { } numbers)
        {
            foreach (ref var number in _numbers.AsSpan())
                number = numbers[number];
        }

        return _numbers;
    }

    /// <summary>Where a form for whole blocks notes what it finds in one tree.</summary>
    /// <param name="block">The form, the same for every tree.</param>
    /// <param name="tree">0 to trees - 1.</param>
    public Span<ushort> OfBlock(IBlockForest block, int tree)
    {
        _block = block;
        return _leaves.AsSpan(tree * Rows, Rows);
    }

    /// <summary>Notes the leaves of all rows in one tree.</summary>
    /// <param name="tree">0 to trees - 1.</param>
    /// <param name="nodes">Of each row, the packed node within the tree.</param>
    public void KeepRows(int tree, ReadOnlySpan<int> nodes)
    {
        _block = null;
        for (var row = 0; row < nodes.Length; row++)
            _nodes[(tree * Rows) + row] = forest.TreeStart[tree] + nodes[row];
    }

    /// <summary>Notes the leaves of one row in all trees.</summary>
    /// <param name="row">0 to 63.</param>
    /// <param name="nodes">Of each tree, the packed node over all trees.</param>
    public void KeepTrees(int row, ReadOnlySpan<int> nodes)
    {
        _block = null;
        for (var tree = 0; tree < nodes.Length; tree++)
            _nodes[(tree * Rows) + row] = nodes[tree];
    }
}
