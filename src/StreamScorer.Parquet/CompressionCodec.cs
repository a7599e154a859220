namespace StreamScorer.Parquet;

/// <summary>How the bytes of each page are compressed.</summary>
public enum CompressionCodec
{
    /// <summary>Not at all.</summary>
    Uncompressed,

    /// <summary>Snappy, by this library's own code: the default, and what every reader accepts.</summary>
    Snappy,

    /// <summary>Gzip members at a fast level.</summary>
    Gzip,

    /// <summary>Zstandard through the system's libzstd; where that is absent, writing and reading fail with an error that says
    /// so.</summary>
    Zstd,
}
