namespace StreamScorer.Parquet.Format;

/// <summary>One node of the footer's schema tree, which lies flattened in pre-order.</summary>
internal sealed record SchemaElement
{
    public required string Name { get; init; }

    /// <summary>Null for a group.</summary>
    public PhysicalType? Type { get; init; }

    /// <summary>Bytes per value of a fixed-length byte array.</summary>
    public int TypeLength { get; init; }

    /// <summary>Null for the root.</summary>
    public Repetition? Repetition { get; init; }

    public int ChildCount { get; init; }

    public ConvertedType? Converted { get; init; }

    public int Scale { get; init; }

    public int Precision { get; init; }

    public LogicalType Logical { get; init; }
}

/// <summary>The LogicalType union: its kind and the parameters of the kinds that have some.</summary>
internal readonly record struct LogicalType(LogicalKind Kind)
{
    public int Scale { get; init; }

    public int Precision { get; init; }

    public TimeUnit Unit { get; init; }

    public bool IsAdjustedToUtc { get; init; }

    public int BitWidth { get; init; }

    public bool IsSigned { get; init; }
}
