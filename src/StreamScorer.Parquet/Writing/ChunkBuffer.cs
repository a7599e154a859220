using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>The finished pages of one column chunk, until their row group is written: a file holds a row group's chunks one after
/// the other, while rows fill them all at once.</summary>
internal sealed class ChunkBuffer(string columnName, PhysicalType type, PageAssembler assembler)
{
    private readonly ByteBuffer _pages = new();
    private readonly ByteBuffer _dictionary = new();
    private ChunkPageIndex _index = new();
    private int _plainPages;
    private int _dictionaryEncodedPages;
    private long _rows;
    private long _uncompressedBytes;

    /// <summary>Compresses and adds a data page.</summary>
    /// <param name="body">Levels and values.</param>
    /// <param name="encoding">How the values are encoded.</param>
    /// <param name="rows">The page's rows, nulls included.</param>
    /// <param name="statistics">The page's bounds and null count.</param>
    /// <param name="step">How the bounds compare with the page before.</param>
    public void AddDataPage(ReadOnlySpan<byte> body, PageEncoding encoding, int rows, Statistics statistics, BoundsStep step)
    {
        int start = _pages.Length;
        var header = new PageHeader
        {
            Type = PageType.Data,
            ValueCount = rows,
            Encoding = encoding,
            Statistics = statistics,
        };
        _uncompressedBytes += assembler.AppendPage(header, body, _pages);
        _index.Add(new PageLocation(start, _pages.Length - start, _rows), statistics, rows, step);
        _rows += rows;
        if (encoding == PageEncoding.RleDictionary)
            _dictionaryEncodedPages++;
        else
            _plainPages++;
    }

    /// <summary>Compresses and sets the dictionary page.</summary>
    public void SetDictionaryPage(ReadOnlySpan<byte> body, int entries)
    {
        var header = new PageHeader { Type = PageType.Dictionary, ValueCount = entries, Encoding = PageEncoding.Plain };
        _uncompressedBytes += assembler.AppendPage(header, body, _dictionary);
    }

    /// <summary>Writes dictionary and data pages and starts the next chunk.</summary>
    public WrittenChunk WriteTo(FileOutput output, Statistics statistics)
    {
        long start = output.Position;
        output.Write(_dictionary.Written);
        long firstDataPage = output.Position;
        output.Write(_pages.Written);
        statistics.NullCount = _index.NullCount;
        var metadata = new ColumnChunkMetadata
        {
            Type = type,
            Codec = FileCodecOf(assembler.Options.Codec),
            ValueCount = _rows,
            UncompressedBytes = _uncompressedBytes,
            CompressedBytes = output.Position - start,
            DataPageOffset = firstDataPage,
            DictionaryPageOffset = _dictionary.Length > 0 ? start : null,
            Statistics = statistics,
        };
        metadata.Path.Add(columnName);
        AddEncodings(metadata);
        var written = new WrittenChunk(metadata, _index.MovedTo(firstDataPage));
        Clear();
        return written;
    }

    /// <summary>Gives the memory back to the pool.</summary>
    public void ReturnMemory()
    {
        _pages.ReturnMemory();
        _dictionary.ReturnMemory();
    }

    private void AddEncodings(ColumnChunkMetadata metadata)
    {
        metadata.Encodings.Add(PageEncoding.Plain);
        metadata.Encodings.Add(PageEncoding.Rle);
        if (_dictionary.Length > 0)
        {
            metadata.Encodings.Add(PageEncoding.RleDictionary);
            metadata.EncodingCounts.Add(new PageEncodingCount(PageType.Dictionary, PageEncoding.Plain, 1));
        }
        if (_dictionaryEncodedPages > 0)
            metadata.EncodingCounts.Add(new PageEncodingCount(PageType.Data, PageEncoding.RleDictionary, _dictionaryEncodedPages));
        if (_plainPages > 0)
            metadata.EncodingCounts.Add(new PageEncodingCount(PageType.Data, PageEncoding.Plain, _plainPages));
    }

    private void Clear()
    {
        _pages.Clear();
        _dictionary.Clear();
        _index = new ChunkPageIndex();
        _plainPages = 0;
        _dictionaryEncodedPages = 0;
        _rows = 0;
        _uncompressedBytes = 0;
    }

    private static FileCodec FileCodecOf(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Snappy => FileCodec.Snappy,
        CompressionCodec.Gzip => FileCodec.Gzip,
        CompressionCodec.Zstd => FileCodec.Zstd,
        _ => FileCodec.Uncompressed,
    };
}

/// <summary>A chunk that stands in the file; its page index is yet to be written.</summary>
internal readonly record struct WrittenChunk(ColumnChunkMetadata Metadata, ChunkPageIndex Index);
