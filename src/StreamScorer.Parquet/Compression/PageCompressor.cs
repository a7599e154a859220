namespace StreamScorer.Parquet.Compression;

/// <summary>Compresses the pages of one writer with one codec.</summary>
internal sealed class PageCompressor : IDisposable
{
    // On scores the levels above 1 cost twice the time for 1 % of the size.
    private const int ZstdLevel = 1;

    private readonly CompressionCodec _codec;
    private readonly SnappyEncoder? _snappy;
    private nint _zstd;

    /// <exception cref="ParquetException">The codec's library is not on this machine.</exception>
    public PageCompressor(CompressionCodec codec)
    {
        _codec = codec;
        if (codec == CompressionCodec.Snappy)
            _snappy = new SnappyEncoder();
        if (codec == CompressionCodec.Zstd)
            _zstd = ZstdLibrary.Instance.CreateCompressor();
    }

    /// <summary>Appends <paramref name="source"/>, compressed, to <paramref name="target"/>.</summary>
    public void Compress(ReadOnlySpan<byte> source, ByteBuffer target)
    {
        switch (_codec)
        {
            case CompressionCodec.Snappy:
                Span<byte> room = target.GetSpan(SnappyEncoder.MaxCompressedLength(source.Length));
                target.Advance(_snappy!.Compress(source, room));
                break;
            case CompressionCodec.Gzip:
                Gzip.Compress(source, target);
                break;
            case CompressionCodec.Zstd:
                ZstdLibrary library = ZstdLibrary.Instance;
                target.Advance(library.Compress(_zstd, source, target.GetSpan(library.MaxCompressedLength(source.Length)), ZstdLevel));
                break;
            default:
                target.Append(source);
                break;
        }
    }

    /// <summary>Frees the codec's state.</summary>
    public void Dispose()
    {
        if (_zstd != 0)
            ZstdLibrary.Instance.FreeCompressor(_zstd);
        _zstd = 0;
    }
}
