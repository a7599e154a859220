namespace StreamScorer.Forests;

/// <summary>
/// One code column of a numeric feature: the thresholds from rank <paramref name="FirstRank"/> on, at most 255 of them, with
/// missing values on one side of all.
/// </summary>
internal readonly record struct NumericColumn(int Column, int FirstRank, bool MissingLeft);

/// <summary>Codes of one numeric (or boolean, or timestamp) feature.</summary>
internal sealed class NumericCodes
{
    /// <summary>Thresholds per column: codes 0 to 255 leave room for this many cuts.</summary>
    public const int ThresholdsPerColumn = 255;

    private readonly int _feature;
    private readonly double[] _padded;
    private readonly NumericColumn[] _columns;

    /// <param name="feature">Index in the feature row.</param>
    /// <param name="thresholds">All thresholds of the feature, ascending, distinct.</param>
    /// <param name="columns">The code columns to fill.</param>
    public NumericCodes(int feature, double[] thresholds, IReadOnlyList<NumericColumn> columns)
    {
        _feature = feature;
        _columns = [.. columns];

        // Filled up to a power of two less one with a value nothing is above, so that the search needs no end test.
        var length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)thresholds.Length + 1) - 1;
        _padded = new double[length];
        Array.Fill(_padded, double.PositiveInfinity);
        thresholds.CopyTo(_padded, 0);
    }

    public void Encode(ReadOnlySpan<double> rows, int stride, int count, Span<byte> codes)
    {
        Span<int> ranks = stackalloc int[RowCoder.BlockRows];
        for (var row = 0; row < count; row++)
            ranks[row] = Rank(rows[(row * stride) + _feature]);
        foreach (var column in _columns)
        {
            var target = codes.Slice(column.Column * RowCoder.BlockRows, count);
            for (var row = 0; row < count; row++)
            {
                target[row] = ranks[row] >= 0
                    ? (byte)Math.Clamp(ranks[row] - column.FirstRank, 0, ThresholdsPerColumn)
                    : column.MissingLeft ? (byte)0 : (byte)ThresholdsPerColumn;
            }
        }
    }

    // Number of thresholds below the value, -1 for a missing one. Halves the range without a branch on the comparison,
    // which the processor could not predict.
    private int Rank(double value)
    {
        if (double.IsNaN(value))
            return -1;
        var thresholds = _padded;
        var rank = 0;
        for (var step = (thresholds.Length + 1) >> 1; step > 0; step >>= 1)
            rank += value > thresholds[rank + step - 1] ? step : 0;
        return rank;
    }
}
