namespace StreamScorer.Forests;

/// <summary>
/// Turns feature rows into one-byte codes, once per row, so that every split of every tree becomes "code above k?". A
/// numeric value's code is its rank among the model's thresholds for the feature; a category's code is read from a table.
/// Codes lie column by column in blocks of <see cref="BlockRows"/> rows.
/// </summary>
internal sealed class RowCoder(IReadOnlyList<NumericCodes> numeric, IReadOnlyList<CategoryCodes> categorical, int columnCount)
{
    /// <summary>
    /// Rows per block: the bytes of one 512-bit register, and few enough for the codes to stay in the first cache.
    /// </summary>
    public const int BlockRows = 64;

    /// <summary>Columns that one choice of <see cref="LevelForest"/> is between.</summary>
    public const int ColumnGroup = 16;

    private readonly NumericCodes[] _numeric = [.. numeric];
    private readonly CategoryCodes[] _categorical = [.. categorical];

    public int ColumnCount { get; } = columnCount;

    /// <summary>Bytes of a block of codes: its columns, and room up to a multiple of 16, in which <see cref="LevelForest"/> selects.</summary>
    public int BlockBytes => (ColumnCount + ColumnGroup - 1) / ColumnGroup * ColumnGroup * BlockRows;

    /// <param name="rows">Row-major feature rows.</param>
    /// <param name="stride">Features per row.</param>
    /// <param name="count">Rows, at most <see cref="BlockRows"/>.</param>
    /// <param name="codes">
    /// Gets <c>ColumnCount * BlockRows</c> codes of <see cref="BlockBytes"/>; those of rows from <paramref name="count"/> on keep what they were.
    /// </param>
    public void Encode(ReadOnlySpan<double> rows, int stride, int count, Span<byte> codes)
    {
        foreach (var feature in _numeric)
            feature.Encode(rows, stride, count, codes);
        foreach (var feature in _categorical)
            feature.Encode(rows, stride, count, codes);
    }
}
