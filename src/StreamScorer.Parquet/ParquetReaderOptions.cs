namespace StreamScorer.Parquet;

/// <summary>The bounds within which a file is believed. A file that asks for more is refused, whatever it claims to hold.</summary>
public sealed record ParquetReaderOptions
{
    /// <summary>The most bytes one page may take when decompressed. Default 256 MiB.</summary>
    public int MaxPageBytes { get; init; } = 256 << 20;

    /// <summary>The most bytes the values of one column of one row group may take in memory. Default 1 GiB.</summary>
    public int MaxColumnBytes { get; init; } = 1 << 30;

    /// <summary>The most bytes the footer may take. Default 32 MiB.</summary>
    public int MaxFooterBytes { get; init; } = 32 << 20;

    /// <summary>Off, damage goes on to the decoders, which tests want to reach.</summary>
    internal bool VerifiesChecksums { get; init; } = true;
}
