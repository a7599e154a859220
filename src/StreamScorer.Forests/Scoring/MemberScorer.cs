namespace StreamScorer.Forests;

/// <summary>Scores with one member; owns scratch for one block of rows. One thread at a time.</summary>
internal sealed class MemberScorer
{
    // Below this many rows of a block, walking eight trees per row beats walking eight rows per tree.
    private const int FewRows = 5;

    private readonly ForestMember _member;
    private readonly CompiledForest? _forest;
    private readonly int _stride;
    private readonly byte[] _codes = [];
    private readonly int[] _leaves;
    private readonly double[] _sums = new double[RowCoder.BlockRows];

    public MemberScorer(ForestMember member, CompiledForest? forest, int stride)
    {
        _member = member;
        _forest = forest;
        _stride = stride;
        _leaves = new int[Math.Max(RowCoder.BlockRows, member.Trees.Count)];
        if (forest is not null)
            _codes = new byte[forest.Coder.ColumnCount * RowCoder.BlockRows];
    }

    /// <summary>Raw output per row.</summary>
    public void Score(ReadOnlySpan<double> rows, Span<double> raw)
    {
        if (_forest is null)
        {
            ScorePlainly(rows, raw);
            return;
        }

        for (var first = 0; first < raw.Length; first += RowCoder.BlockRows)
        {
            var count = Math.Min(RowCoder.BlockRows, raw.Length - first);
            ScoreBlock(_forest, rows.Slice(first * _stride, count * _stride), raw.Slice(first, count));
        }
    }

    /// <summary>
    /// Leaf that a row reaches in every tree, an index of <see cref="CompiledForest.Output"/>; valid until the next call.
    /// Empty when the member has no compiled form.
    /// </summary>
    public ReadOnlySpan<int> FindLeaves(ReadOnlySpan<double> row)
    {
        if (_forest is null)
            return [];
        _forest.Coder.Encode(row, _stride, 1, _codes);
        _forest.FindLeavesOfRow(_codes, 0, _leaves);
        return _leaves.AsSpan(0, _member.Trees.Count);
    }

    private void ScoreBlock(CompiledForest forest, ReadOnlySpan<double> rows, Span<double> raw)
    {
        forest.Coder.Encode(rows, _stride, raw.Length, _codes);
        var sums = _sums.AsSpan(0, raw.Length);
        sums.Fill(_member.BaseScore);
        if (raw.Length < FewRows)
            SumTreesOfEachRow(forest, sums);
        else
            SumRowsOfEachTree(forest, sums);
        for (var row = 0; row < raw.Length; row++)
            raw[row] = _member.Finish(sums[row]);
    }

    // Both orders add a row's leaves tree by tree, so they give the same bits.
    private void SumRowsOfEachTree(CompiledForest forest, Span<double> sums)
    {
        for (var tree = 0; tree < _member.Trees.Count; tree++)
        {
            forest.FindLeaves(tree, _codes, sums.Length, _leaves);
            var output = forest.Output.AsSpan(forest.TreeStart[tree]);
            for (var row = 0; row < sums.Length; row++)
                sums[row] = _member.Add(sums[row], output[_leaves[row]]);
        }
    }

    private void SumTreesOfEachRow(CompiledForest forest, Span<double> sums)
    {
        for (var row = 0; row < sums.Length; row++)
        {
            forest.FindLeavesOfRow(_codes, row, _leaves);
            var sum = sums[row];
            for (var tree = 0; tree < _member.Trees.Count; tree++)
                sum = _member.Add(sum, forest.Output[_leaves[tree]]);
            sums[row] = sum;
        }
    }

    // For models too large for the packed form.
    private void ScorePlainly(ReadOnlySpan<double> rows, Span<double> raw)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            var row = rows.Slice(i * _stride, _stride);
            var sum = _member.BaseScore;
            foreach (var tree in _member.Trees)
                sum = _member.Add(sum, tree.Value[tree.FindLeaf(row)]);
            raw[i] = _member.Finish(sum);
        }
    }
}
