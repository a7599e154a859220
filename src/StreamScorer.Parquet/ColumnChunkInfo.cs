namespace StreamScorer.Parquet;

/// <summary>How one column of one row group is stored, as the footer says.</summary>
public sealed record ColumnChunkInfo
{
    /// <summary>The type of its values in pages, as the format names it: INT64, BYTE_ARRAY.</summary>
    public required string PhysicalType { get; init; }

    /// <summary>The codec of its pages, as the format names it: SNAPPY.</summary>
    public required string Codec { get; init; }

    /// <summary>The encodings of its pages, as the format names them, levels and dictionary included.</summary>
    public required IReadOnlyList<string> Encodings { get; init; }

    /// <summary>Where its first page stands in the file.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes of all pages in the file, headers included.</summary>
    public required long CompressedBytes { get; init; }

    /// <summary>Bytes of all pages without compression, headers included.</summary>
    public required long UncompressedBytes { get; init; }

    /// <summary>Whether a dictionary page comes first.</summary>
    public required bool HasDictionary { get; init; }

    /// <summary>Whether the file has bounds for each of its pages.</summary>
    public required bool HasColumnIndex { get; init; }

    /// <summary>Whether the file has the place and first row of each of its pages.</summary>
    public required bool HasOffsetIndex { get; init; }
}
