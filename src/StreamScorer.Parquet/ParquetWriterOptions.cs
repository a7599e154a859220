using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet;

/// <summary>How a file is laid out. The defaults suit checkpoint files of some 100,000 rows.</summary>
public sealed record ParquetWriterOptions
{
    /// <summary>The codec of every page.</summary>
    public CompressionCodec Codec { get; init; } = CompressionCodec.Snappy;

    /// <summary>A row group closes at the first EndRow or EndRows that brings it to this many rows. 1 to 100,000,000.</summary>
    public int RowGroupRows { get; init; } = 131_072;

    /// <summary>A row group closes too when its buffered pages and dictionaries reach this many bytes: the bound of the writer's
    /// memory. 64 KiB to 1 GiB.</summary>
    public int RowGroupBytes { get; init; } = 128 << 20;

    /// <summary>A page closes when its values reach this many bytes before compression (or 20,000 rows). 1 KiB to 64 MiB.</summary>
    public int PageBytes { get; init; } = 1 << 20;

    /// <summary>A column chunk falls back from dictionary to plain pages when its dictionary would pass this many bytes; 0 means
    /// no dictionaries at all. 0 to 64 MiB.</summary>
    public int DictionaryBytes { get; init; } = 2 << 20;

    /// <summary>Key-value metadata of the footer. The key "streamscorer.footer.crc32" is taken.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Throws where a bound above is broken.</summary>
    /// <exception cref="ArgumentException">The message names the option and its bounds.</exception>
    internal void Check()
    {
        if (!Enum.IsDefined(Codec))
            throw new ArgumentOutOfRangeException(nameof(Codec), $"{(int)Codec} is no CompressionCodec.");
        if (Metadata.ContainsKey(FooterChecksum.Key))
            throw new ArgumentException($"The metadata key '{FooterChecksum.Key}' is the writer's own.");
        Bound(nameof(RowGroupRows), RowGroupRows, 1, 100_000_000);
        Bound(nameof(RowGroupBytes), RowGroupBytes, 64 << 10, 1 << 30);
        Bound(nameof(PageBytes), PageBytes, 1 << 10, 64 << 20);
        Bound(nameof(DictionaryBytes), DictionaryBytes, 0, 64 << 20);
    }

    private static void Bound(string name, int value, int lowest, int highest)
    {
        if (value < lowest || value > highest)
            throw new ArgumentOutOfRangeException(name, $"{name} must lie between {lowest} and {highest}, not {value}.");
    }
}
