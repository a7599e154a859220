using System.Buffers;
using System.Buffers.Binary;
using StreamScorer.Parquet.Compression;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Reads one column chunk: its bytes in one go, then page by page into the decoder's store.</summary>
internal sealed class ChunkReader(FileInput input, ParquetReaderOptions options)
{
    private readonly ByteBuffer _scratch = new();
    private long _decompressedBytes;
    private int _skippedPages;

    // By place in the footer's counts of pages by type and encoding; we write at most three kinds.
    private readonly int[] _pagesByKind = new int[3];

    /// <summary>The page being read, counted from 0; -1 before the first.</summary>
    public int Page { get; private set; }

    /// <summary>Whether the footer's counts of pages by encoding are the file's own writer's, and so must be met: page headers have
    /// no checksum, and a flipped bit can turn one encoding into another that decodes to other values.</summary>
    public bool TrustsEncodingCounts { get; init; }

    /// <summary>Gets every page that is read, where somebody wants to look at them.</summary>
    public List<PageRead>? Pages { get; set; }

    /// <summary>Reads a chunk.</summary>
    /// <param name="chunk">Where it stands.</param>
    /// <param name="leaf">The column it belongs to.</param>
    /// <param name="rows">The rows its group claims.</param>
    /// <param name="decoder">What takes the values.</param>
    /// <param name="levels">Gets 0 or 1 for each row of a nullable column.</param>
    /// <returns>How many rows have no value.</returns>
    /// <exception cref="ParquetException">The chunk is damaged or asks for more than the options allow.</exception>
    public int Read(ColumnChunkMetadata chunk, LeafColumn leaf, int rows, ValueDecoder decoder, NumberStore<byte> levels)
    {
        Page = -1;
        (long start, int length) = PlaceOf(chunk, leaf, rows);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            input.Read(start, bytes.AsSpan(0, length));
            _skippedPages = 0;
            return ReadPages(bytes.AsSpan(0, length), chunk, leaf, rows, decoder, levels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Reads some neighbouring data pages of a chunk, and the dictionary if there is one.</summary>
    /// <param name="chunk">Where it stands.</param>
    /// <param name="leaf">The column it belongs to.</param>
    /// <param name="selected">The pages' places.</param>
    /// <param name="decoder">What takes the values; the first row is the first page's.</param>
    /// <param name="levels">Gets 0 or 1 for each row of a nullable column.</param>
    /// <returns>How many of the rows have no value.</returns>
    /// <exception cref="ParquetException">The pages are damaged, or hold other rows than the page index says.</exception>
    public int ReadSelected(
        ColumnChunkMetadata chunk, LeafColumn leaf, PageSelection selected, ValueDecoder decoder, NumberStore<byte> levels)
    {
        (long start, _) = PlaceOf(chunk, leaf, chunk.ValueCount);
        // What stands before the first data page is the dictionary.
        long before = selected.FirstPageOffset - start;
        _skippedPages = before > 0 ? selected.SkippedPages : 0;
        Page = before > 0 ? -1 : selected.SkippedPages - 1;
        long length = before + (selected.End - selected.Start);
        if (length > Array.MaxLength)
            throw new ParquetException($"The pages take {length} bytes, more than {Array.MaxLength}.");
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            input.Read(start, bytes.AsSpan(0, (int)before));
            input.Read(selected.Start, bytes.AsSpan((int)before, (int)(length - before)));
            return ReadPages(bytes.AsSpan(0, (int)length), chunk, leaf, selected.Rows, decoder, levels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Begin(ValueDecoder decoder, NumberStore<byte> levels, LeafColumn leaf, int rows, int length)
    {
        decoder.Reset(options.MaxColumnBytes);
        _decompressedBytes = 0;
        _pagesByKind.AsSpan().Clear();
        // A chunk that claims more rows than its bytes make likely grows as its pages prove them.
        int likelyRows = (int)Math.Min(rows, ColumnWriter.MaxPageRows + (length * 64L));
        Grow(decoder, levels, leaf, 0, likelyRows);
    }

    private (long Start, int Length) PlaceOf(ColumnChunkMetadata chunk, LeafColumn leaf, long rows)
    {
        if (chunk.FilePath is not null)
            throw new ParquetException($"The values lie in another file, '{chunk.FilePath}', which is not supported.");
        if (chunk.Type != leaf.Physical)
            throw new ParquetException($"The chunk's type {chunk.Type} is not the schema's {leaf.Physical}.");
        if (chunk.ValueCount != rows)
            throw new ParquetException($"The chunk has {chunk.ValueCount} values in a row group of {rows} rows.");
        long start = PageIndex.StartOf(chunk);
        if (start < 4 || chunk.CompressedBytes < 0 || start > input.FooterStart - chunk.CompressedBytes)
        {
            throw new ParquetException($"The chunk's {chunk.CompressedBytes} bytes from {start} on do not lie between the file's "
                + $"first 4 bytes and its footer at {input.FooterStart}.");
        }
        if (chunk.CompressedBytes > Array.MaxLength)
            throw new ParquetException($"The chunk takes {chunk.CompressedBytes} bytes, more than {Array.MaxLength}.");
        return (start, (int)chunk.CompressedBytes);
    }

    private int ReadPages(ReadOnlySpan<byte> bytes, ColumnChunkMetadata chunk, LeafColumn leaf, int rows, ValueDecoder decoder,
        NumberStore<byte> levels)
    {
        Begin(decoder, levels, leaf, rows, bytes.Length);
        int chunkBytes = bytes.Length;
        int row = 0;
        int nulls = 0;
        while (row < rows)
        {
            Page++;
            int position = chunkBytes - bytes.Length;
            PageHeader header = ReadHeader(ref bytes, out ReadOnlySpan<byte> page);
            CountEncoding(header, chunk);
            int nullsBefore = nulls;
            int rowBefore = row;
            if (header.Type == PageType.Dictionary)
            {
                if (Page > 0)
                    throw new ParquetException("A dictionary page stands behind other pages.");
                if (header.Encoding is not (PageEncoding.Plain or PageEncoding.PlainDictionary))
                    throw new ParquetException($"A dictionary page of encoding {header.Encoding} is not supported.");
                PageBody body = Decompress(chunk.Codec, page, header.UncompressedBytes, decoder);
                decoder.ReadDictionary(body, header.ValueCount);
                Page += _skippedPages;
            }
            else if (header.Type is PageType.Data or PageType.DataV2)
            {
                if (header.ValueCount > rows - row)
                    throw new ParquetException($"The page's {header.ValueCount} values pass the row group's {rows} rows.");
                Grow(decoder, levels, leaf, row, row + header.ValueCount);
                nulls += header.Type == PageType.Data
                    ? ReadDataPage(header, page, chunk.Codec, leaf, row, decoder, levels)
                    : ReadDataPageV2(header, page, chunk.Codec, leaf, row, decoder, levels);
                row += header.ValueCount;
            }
            Pages?.Add(new PageRead(header, position, chunkBytes - bytes.Length - position, rowBefore, nulls - nullsBefore));
        }
        CheckEncodingCounts(chunk, isWhole: row == chunk.ValueCount);
        return nulls;
    }

    private void CountEncoding(PageHeader header, ColumnChunkMetadata chunk)
    {
        if (!TrustsEncodingCounts)
            return;
        int kind = chunk.EncodingCounts.FindIndex(count => count.Type == header.Type && count.Encoding == header.Encoding);
        if (kind < 0 || kind >= _pagesByKind.Length)
            throw new ParquetException($"The footer knows no {header.Type} page of encoding {FormatNames.Of(header.Encoding)} here.");
        _pagesByKind[kind]++;
    }

    private void CheckEncodingCounts(ColumnChunkMetadata chunk, bool isWhole)
    {
        for (int kind = 0; TrustsEncodingCounts && kind < Math.Min(_pagesByKind.Length, chunk.EncodingCounts.Count); kind++)
        {
            PageEncodingCount count = chunk.EncodingCounts[kind];
            if (_pagesByKind[kind] > count.Pages || (isWhole && _pagesByKind[kind] != count.Pages))
            {
                throw new ParquetException($"The footer counts {count.Pages} {count.Type} pages of encoding "
                    + $"{FormatNames.Of(count.Encoding)}, the chunk has {_pagesByKind[kind]}.");
            }
        }
    }

    private PageHeader ReadHeader(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> page)
    {
        PageHeader header = PageHeaderReader.Read(bytes, out int headerBytes);
        bytes = bytes[headerBytes..];
        if (header.CompressedBytes < 0 || header.CompressedBytes > bytes.Length)
            throw new ParquetException($"The page claims {header.CompressedBytes} bytes, the chunk has {bytes.Length} left.");
        if (header.UncompressedBytes < 0 || header.UncompressedBytes > options.MaxPageBytes)
        {
            throw new ParquetException($"The page claims {header.UncompressedBytes} bytes when decompressed, where "
                + $"{options.MaxPageBytes} are allowed.");
        }
        if (header.ValueCount < 0 && header.Type != PageType.Index)
            throw new ParquetException($"The page header of type {header.Type} has no count of values.");
        page = bytes[..header.CompressedBytes];
        bytes = bytes[header.CompressedBytes..];
        if (options.VerifiesChecksums && header.Crc is int crc && (int)Crc32.Compute(page) != crc)
            throw new ParquetException("The page's bytes do not match its checksum: they are damaged.");
        return header;
    }

    private int ReadDataPage(PageHeader header, ReadOnlySpan<byte> page, FileCodec codec, LeafColumn leaf, int row,
        ValueDecoder decoder, NumberStore<byte> levels)
    {
        PageBody body = Decompress(codec, page, header.UncompressedBytes, decoder);
        if (!leaf.Column.Nullable)
        {
            decoder.ReadValues(header.Encoding, body, row, header.ValueCount);
            return 0;
        }
        if (header.DefinitionLevelEncoding != PageEncoding.Rle)
            throw new ParquetException($"Definition levels of encoding {header.DefinitionLevelEncoding} are not supported.");
        if (body.Length < 4)
            throw new ParquetException("The page ends within its definition levels.");
        int levelBytes = BinaryPrimitives.ReadInt32LittleEndian(body.Bytes);
        if ((uint)levelBytes > (uint)(body.Length - 4))
            throw new ParquetException($"Definition levels of {(uint)levelBytes} bytes run past the page's end.");
        Span<byte> target = levels.Values.AsSpan(row, header.ValueCount);
        int present = RleDecoder.DecodeLevels(body.Bytes.Slice(4, levelBytes), target);
        var values = new PageBody(body.Buffer, body.Start + 4 + levelBytes, body.Length - 4 - levelBytes);
        ReadPresent(header, values, row, present, target, decoder);
        return header.ValueCount - present;
    }

    private int ReadDataPageV2(PageHeader header, ReadOnlySpan<byte> page, FileCodec codec, LeafColumn leaf, int row,
        ValueDecoder decoder, NumberStore<byte> levels)
    {
        int levelBytes = header.DefinitionLevelBytes;
        if (header.RepetitionLevelBytes != 0)
            throw new ParquetException("A flat column's page has repetition levels.");
        if (levelBytes < 0 || levelBytes > page.Length || levelBytes > header.UncompressedBytes)
            throw new ParquetException($"Definition levels of {levelBytes} bytes run past the page's end.");
        PageBody values = Decompress(header.IsCompressed ? codec : FileCodec.Uncompressed, page[levelBytes..],
            header.UncompressedBytes - levelBytes, decoder);
        if (!leaf.Column.Nullable)
        {
            decoder.ReadValues(header.Encoding, values, row, header.ValueCount);
            return 0;
        }
        Span<byte> target = levels.Values.AsSpan(row, header.ValueCount);
        int present = RleDecoder.DecodeLevels(page[..levelBytes], target);
        if (header.ValueCount - present != header.NullCount)
            throw new ParquetException($"The page header counts {header.NullCount} nulls, its levels {target.Length - present}.");
        ReadPresent(header, values, row, present, target, decoder);
        return header.NullCount;
    }

    private static void ReadPresent(PageHeader header, PageBody values, int row, int present, ReadOnlySpan<byte> levels,
        ValueDecoder decoder)
    {
        if (present > 0)
            decoder.ReadValues(header.Encoding, values, row, present);
        if (present < levels.Length)
            decoder.Spread(row, levels, present);
    }

    private PageBody Decompress(FileCodec codec, ReadOnlySpan<byte> page, int length, ValueDecoder decoder)
    {
        ByteBuffer target = decoder.Arena ?? _scratch;
        if (decoder.Arena is null)
            _scratch.Clear();
        _decompressedBytes += length;
        if (_decompressedBytes > options.MaxColumnBytes)
            throw new ParquetException($"The column's values pass the {options.MaxColumnBytes} bytes allowed.");
        int start = target.Length;
        // Nothing compressed is no valid stream of some codecs, but what some writers store for a page of nulls.
        if (length > 0)
            PageDecompressor.Decompress(codec, page, length, target);
        return new PageBody(target, start, length);
    }

    private void Grow(ValueDecoder decoder, NumberStore<byte> levels, LeafColumn leaf, int used, int rows)
    {
        if ((long)rows * decoder.BytesPerRow > options.MaxColumnBytes)
            throw new ParquetException($"{rows} rows pass the {options.MaxColumnBytes} bytes allowed for one column.");
        decoder.Grow(used, rows);
        if (leaf.Column.Nullable)
            levels.Grow(used, rows);
    }
}
