namespace StreamScorer.Forests;

/// <summary>Scores with one member; owns scratch for two blocks of rows. One thread at a time.</summary>
internal sealed class MemberScorer
{
    private readonly ForestMember _member;
    private readonly CompiledForest? _forest;
    private readonly int _stride;
    private readonly AlignedBytes[] _codes;
    private readonly LeafSums? _leaves;
    private FoundLeaves[]? _found;

    public MemberScorer(ForestMember member, CompiledForest? forest, int stride)
    {
        _member = member;
        _forest = forest;
        _stride = stride;
        var bytes = forest is null ? 0 : forest.Coder.BlockBytes;
        _codes = [new AlignedBytes(bytes), new AlignedBytes(bytes)];
        _leaves = forest is null ? null : new LeafSums(forest);
    }

    /// <summary>Raw output per row.</summary>
    /// <param name="rows">Feature rows end to end.</param>
    /// <param name="raw">One for each.</param>
    /// <param name="keepLeaves">Whether <see cref="LeavesOf"/> will be asked for; no more than <see cref="ForestScorer.BlockRows"/> then.</param>
    public void Score(ReadOnlySpan<double> rows, Span<double> raw, bool keepLeaves = false)
    {
        if (_forest is null)
        {
            ScorePlainly(rows, raw);
            return;
        }

        if (keepLeaves)
            _found ??= [new FoundLeaves(_forest), new FoundLeaves(_forest)];
        for (var first = 0; first < raw.Length; first += ForestScorer.BlockRows)
        {
            var count = Math.Min(ForestScorer.BlockRows, raw.Length - first);
            ScoreBlocks(_forest, rows.Slice(first * _stride, count * _stride), raw.Slice(first, count), keepLeaves ? _found : null);
        }
    }

    /// <summary>
    /// <see cref="CompiledForest.LeafNumber"/> of a row in every tree; valid until the next call. Empty when the member has
    /// no compiled form.
    /// </summary>
    public ReadOnlySpan<int> FindLeaves(ReadOnlySpan<double> row)
    {
        if (_forest is null)
            return [];
        _forest.Coder.Encode(row, _stride, 1, _codes[0].Span);
        return _leaves!.NumberLeaves(_codes[0], 0);
    }

    /// <summary>The same, kept when the last rows were scored.</summary>
    public ReadOnlySpan<int> LeavesOf(int row) =>
        _found is null ? [] : _found[row / RowCoder.BlockRows].Of(row % RowCoder.BlockRows);

    /// <summary>Codes of up to 64 rows, valid until the next call; of no use when the member has no compiled form.</summary>
    public AlignedBytes Encode(ReadOnlySpan<double> rows)
    {
        _forest?.Coder.Encode(rows, _stride, rows.Length / _stride, _codes[0].Span);
        return _codes[0];
    }

    // One or two blocks of rows.
    private void ScoreBlocks(CompiledForest forest, ReadOnlySpan<double> rows, Span<double> raw, FoundLeaves[]? found)
    {
        raw.Fill(_member.BaseScore);
        var first = raw[..Math.Min(RowCoder.BlockRows, raw.Length)];
        var second = raw[first.Length..];
        forest.Coder.Encode(rows, _stride, first.Length, _codes[0].Span);
        if (!second.IsEmpty)
            forest.Coder.Encode(rows[(first.Length * _stride)..], _stride, second.Length, _codes[1].Span);
        var way = forest.WayOf(first.Length);
        var secondWay = second.IsEmpty ? BlockWay.TreesOfEachRow : forest.WayOf(second.Length);
        if (way == BlockWay.LevelsOfBlock && secondWay == way)
        {
            _leaves!.AddTwo(forest.Levels!, _codes, raw, found);
        }
        else
        {
            _leaves!.Add(way, _codes[0], first, found?[0]);
            if (!second.IsEmpty)
                _leaves.Add(secondWay, _codes[1], second, found?[1]);
        }

        foreach (ref var sum in raw)
            sum = _member.Finish(sum);
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
