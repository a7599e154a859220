namespace StreamScorer.Parquet.Format;

/// <summary>The head of a page.</summary>
internal sealed class PageHeader
{
    public PageType Type { get; set; }

    public int UncompressedBytes { get; set; }

    public int CompressedBytes { get; set; }

    /// <summary>CRC-32 of the bytes that follow the header, as they stand in the file.</summary>
    public int? Crc { get; set; }

    /// <summary>Values, nulls included; of a dictionary page its entries.</summary>
    public int ValueCount { get; set; }

    public PageEncoding Encoding { get; set; }

    public PageEncoding DefinitionLevelEncoding { get; set; } = PageEncoding.Rle;

    /// <summary>V2 only.</summary>
    public int NullCount { get; set; }

    /// <summary>V2 only: bytes of the definition levels, which are never compressed.</summary>
    public int DefinitionLevelBytes { get; set; }

    /// <summary>V2 only; 0 in flat columns.</summary>
    public int RepetitionLevelBytes { get; set; }

    /// <summary>V2 only: whether the values are compressed.</summary>
    public bool IsCompressed { get; set; } = true;

    public Statistics? Statistics { get; set; }
}
