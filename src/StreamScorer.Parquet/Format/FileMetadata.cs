namespace StreamScorer.Parquet.Format;

/// <summary>The footer of a file.</summary>
internal sealed class FileMetadata
{
    public List<SchemaElement> Schema { get; init; } = [];

    public long RowCount { get; set; }

    public List<RowGroupMetadata> RowGroups { get; init; } = [];

    public List<KeyValuePair<string, string>> KeyValues { get; init; } = [];

    public string? CreatedBy { get; set; }

    /// <summary>By leaf: whether min_value and max_value follow the type's own order; empty where the footer says nothing.
    /// </summary>
    public List<bool> HasTypeOrder { get; init; } = [];
}

/// <summary>One row group: a horizontal slice of the file.</summary>
internal sealed class RowGroupMetadata
{
    public List<ColumnChunkMetadata> Columns { get; init; } = [];

    /// <summary>Bytes of all pages, uncompressed, headers included.</summary>
    public long UncompressedBytes { get; set; }

    public long CompressedBytes { get; set; }

    public long RowCount { get; set; }

    /// <summary>Where the first page stands.</summary>
    public long FileOffset { get; set; }
}

/// <summary>One column of one row group.</summary>
internal sealed class ColumnChunkMetadata
{
    /// <summary>Set where the pages lie in another file, which we refuse.</summary>
    public string? FilePath { get; set; }

    public PhysicalType Type { get; set; }

    public List<PageEncoding> Encodings { get; init; } = [];

    public List<string> Path { get; init; } = [];

    public FileCodec Codec { get; set; }

    /// <summary>Values, nulls included; for a flat column the rows of the group.</summary>
    public long ValueCount { get; set; }

    public long UncompressedBytes { get; set; }

    public long CompressedBytes { get; set; }

    public long DataPageOffset { get; set; }

    public long? DictionaryPageOffset { get; set; }

    public Statistics? Statistics { get; set; }

    public List<PageEncodingCount> EncodingCounts { get; init; } = [];

    public long? OffsetIndexOffset { get; set; }

    public int OffsetIndexBytes { get; set; }

    public long? ColumnIndexOffset { get; set; }

    public int ColumnIndexBytes { get; set; }
}

/// <summary>How many pages of a chunk have this type and encoding.</summary>
internal readonly record struct PageEncodingCount(PageType Type, PageEncoding Encoding, int Pages);

/// <summary>Bounds and counts of a page or a chunk; bounds lie as in PLAIN pages, byte arrays without their length.</summary>
internal sealed class Statistics
{
    public byte[]? Min { get; set; }

    public byte[]? Max { get; set; }

    /// <summary>Whether some row holds exactly <see cref="Min"/>; null where the file does not say.</summary>
    public bool? IsMinExact { get; set; }

    public bool? IsMaxExact { get; set; }

    public long? NullCount { get; set; }

    public long? DistinctCount { get; set; }

    /// <summary>Bounds from the deprecated fields, compared as signed bytes by some old writers.</summary>
    public byte[]? DeprecatedMin { get; set; }

    public byte[]? DeprecatedMax { get; set; }
}
