namespace StreamScorer.Parquet;

/// <summary>What a file says about the values of one column of one row group. Bounds may be wider than the values, never narrower;
/// where the file has none that can be trusted, <see cref="HasBounds"/> is false.</summary>
public sealed record ColumnStatistics
{
    /// <summary>What the column holds; says which of the bounds apply.</summary>
    public required ParquetType Type { get; init; }

    /// <summary>Rows of the row group.</summary>
    public required int RowCount { get; init; }

    /// <summary>Rows without a value; null where the file does not say.</summary>
    public long? NullCount { get; init; }

    /// <summary>Whether the bounds below hold.</summary>
    public bool HasBounds { get; init; }

    /// <summary>Lower bound of Boolean (0 or 1), Int32, Int64, Date, TimestampMicros and Decimal (unscaled) columns.</summary>
    public long MinInt64 { get; init; }

    /// <summary>Upper bound of the same.</summary>
    public long MaxInt64 { get; init; }

    /// <summary>Lower bound of Float and Double columns. Where a file has bounds and NaN, what it says of NaN is unknown; files we
    /// write have no bounds then.</summary>
    public double MinDouble { get; init; }

    /// <summary>Upper bound of the same.</summary>
    public double MaxDouble { get; init; }

    /// <summary>Lower bound of String and Binary columns, in the order of unsigned bytes.</summary>
    public ReadOnlyMemory<byte> MinBytes { get; init; }

    /// <summary>Upper bound of the same.</summary>
    public ReadOnlyMemory<byte> MaxBytes { get; init; }

    /// <summary>Whether some value may lie in <paramref name="low"/> … <paramref name="high"/>, both included; true where nothing is
    /// known.</summary>
    public bool MightContain(long low, long high) => !IsAllNull && (!HasBounds || (MaxInt64 >= low && MinInt64 <= high));

    /// <summary>Whether some value may lie in <paramref name="low"/> … <paramref name="high"/>, both included; true where nothing is
    /// known.</summary>
    public bool MightContain(double low, double high) => !IsAllNull && (!HasBounds || (MaxDouble >= low && MinDouble <= high));

    /// <summary>Whether some value may lie in <paramref name="low"/> … <paramref name="high"/>, both included, in the order of
    /// unsigned bytes; true where nothing is known.</summary>
    public bool MightContain(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high) => !IsAllNull
        && (!HasBounds || (MaxBytes.Span.SequenceCompareTo(low) >= 0 && MinBytes.Span.SequenceCompareTo(high) <= 0));

    private bool IsAllNull => NullCount == RowCount;
}
