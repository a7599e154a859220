namespace StreamScorer.Forests;

/// <summary>Row numbers of which every tree node owns a stretch; splitting a node reorders its stretch.</summary>
internal sealed class RowPartition(int capacity)
{
    private readonly int[] _rows = new int[capacity];
    private readonly int[] _scratch = new int[capacity];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Add(int row) => _rows[Count++] = row;

    public ReadOnlySpan<int> Rows(int start, int count) => _rows.AsSpan(start, count);

    /// <summary>
    /// Moves the rows that go left to the front, keeping the order on both sides, and returns their number.
    /// </summary>
    /// <param name="missingBin">Bin that goes by <paramref name="missingLeft"/> instead of its number; -1 for none.</param>
    public int Split(int start, int count, byte[] column, in BinSplit split, int missingBin)
    {
        var (left, right) = (start, 0);
        for (var i = start; i < start + count; i++)
        {
            var row = _rows[i];
            if (split.GoesLeft(column[row], missingBin))
                _rows[left++] = row;
            else
                _scratch[right++] = row;
        }

        _scratch.AsSpan(0, right).CopyTo(_rows.AsSpan(left));
        return left - start;
    }
}

/// <summary>A split in terms of bins.</summary>
/// <param name="Feature">Index of the feature.</param>
/// <param name="Bin">Bins up to this one go left; of a single-category split, the only one that does.</param>
/// <param name="MissingLeft">Where missing values of a numeric feature go.</param>
/// <param name="Only">The split takes out one bin instead of a range.</param>
internal readonly record struct BinSplit(int Feature, int Bin, bool MissingLeft, bool Only)
{
    public bool GoesLeft(byte bin, int missingBin) => bin == missingBin ? MissingLeft : Only ? bin == Bin : bin <= Bin;
}
