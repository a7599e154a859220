using StreamScorer.Parquet.Compression;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>What the columns of one writer share to finish a page: scratch buffers, the compressor, the header writer.</summary>
internal sealed class PageAssembler : IDisposable
{
    private readonly PageCompressor _compressor;
    private readonly ByteBuffer _header = new();
    private readonly ByteBuffer _compressed = new();
    private readonly MetadataWriter _headerWriter;

    public PageAssembler(ParquetWriterOptions options)
    {
        Options = options;
        _compressor = new PageCompressor(options.Codec);
        _headerWriter = new MetadataWriter(_header);
    }

    public ParquetWriterOptions Options { get; }

    /// <summary>Bytes of finished pages that wait for their row group to be written.</summary>
    public long BufferedBytes { get; set; }

    /// <summary>Where a column puts a page's levels and values before it adds the page to its chunk.</summary>
    public ByteBuffer Body { get; } = new();

    /// <summary>Compresses a page and appends it with its header.</summary>
    /// <param name="header">Type, count, encoding and statistics; sizes and checksum are filled in here.</param>
    /// <param name="body">Levels and values.</param>
    /// <param name="target">Where the page goes.</param>
    /// <returns>The bytes of header and body as they would be without compression.</returns>
    public int AppendPage(PageHeader header, ReadOnlySpan<byte> body, ByteBuffer target)
    {
        _compressed.Clear();
        _compressor.Compress(body, _compressed);
        header.UncompressedBytes = body.Length;
        header.CompressedBytes = _compressed.Length;
        header.Crc = (int)Crc32.Compute(_compressed.Written);
        _header.Clear();
        if (header.Type == PageType.Dictionary)
            _headerWriter.WriteDictionaryPageHeader(header);
        else
            _headerWriter.WriteDataPageHeader(header);
        target.Append(_header.Written);
        target.Append(_compressed.Written);
        BufferedBytes += _header.Length + _compressed.Length;
        return _header.Length + body.Length;
    }

    public void Dispose()
    {
        Body.ReturnMemory();
        _header.ReturnMemory();
        _compressed.ReturnMemory();
        _compressor.Dispose();
    }
}
