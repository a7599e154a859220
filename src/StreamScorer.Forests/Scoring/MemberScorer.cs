namespace StreamScorer.Forests;

/// <summary>Scores with one member; owns scratch for one block of rows. One thread at a time.</summary>
internal sealed class MemberScorer
{
    private readonly ForestMember _member;
    private readonly CompiledForest? _forest;
    private readonly int _stride;
    private readonly AlignedBytes _codes;
    private readonly LeafSums? _leaves;
    private FoundLeaves? _found;

    public MemberScorer(ForestMember member, CompiledForest? forest, int stride)
    {
        _member = member;
        _forest = forest;
        _stride = stride;
        _codes = new AlignedBytes(forest is null ? 0 : forest.Coder.BlockBytes);
        _leaves = forest is null ? null : new LeafSums(forest);
    }

    /// <summary>Raw output per row.</summary>
    /// <param name="rows">Feature rows end to end.</param>
    /// <param name="raw">One for each.</param>
    /// <param name="keepLeaves">Whether <see cref="LeavesOf"/> will be asked for; no more than a block of rows then.</param>
    public void Score(ReadOnlySpan<double> rows, Span<double> raw, bool keepLeaves = false)
    {
        if (_forest is null)
        {
            ScorePlainly(rows, raw);
            return;
        }

        for (var first = 0; first < raw.Length; first += RowCoder.BlockRows)
        {
            var count = Math.Min(RowCoder.BlockRows, raw.Length - first);
            ScoreBlock(_forest, rows.Slice(first * _stride, count * _stride), raw.Slice(first, count), keepLeaves);
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
        _forest.Coder.Encode(row, _stride, 1, _codes.Span);
        return _leaves!.NumberLeaves(_codes, 0);
    }

    /// <summary>The same, kept when the last rows were scored.</summary>
    public ReadOnlySpan<int> LeavesOf(int row) => _found is null ? [] : _found.Of(row);

    /// <summary>Codes of up to 64 rows, valid until the next call; of no use when the member has no compiled form.</summary>
    public AlignedBytes Encode(ReadOnlySpan<double> rows)
    {
        _forest?.Coder.Encode(rows, _stride, rows.Length / _stride, _codes.Span);
        return _codes;
    }

    private void ScoreBlock(CompiledForest forest, ReadOnlySpan<double> rows, Span<double> raw, bool keepLeaves)
    {
        forest.Coder.Encode(rows, _stride, raw.Length, _codes.Span);
        raw.Fill(_member.BaseScore);
        _leaves!.Add(forest.WayOf(raw.Length), _codes, raw, keepLeaves ? _found ??= new FoundLeaves(forest) : null);
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
