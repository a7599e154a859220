using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Decodes the values of one column chunk, page by page, into a store of <see cref="ColumnStorage"/>.</summary>
internal abstract class ValueDecoder
{
    private int[] _indices = [];
    private long[] _deltas = [];

    /// <summary>Bytes that one row takes in memory.</summary>
    public abstract int BytesPerRow { get; }

    /// <summary>Where page bodies are decompressed to; null where any scratch buffer does.</summary>
    public virtual ByteBuffer? Arena => null;

    /// <summary>Forgets the last chunk.</summary>
    /// <param name="maxBytes">The most bytes the next chunk's values may take in memory.</param>
    public abstract void Reset(int maxBytes);

    /// <summary>Takes the entries of a dictionary page, which is PLAIN.</summary>
    /// <exception cref="ParquetException">The page does not hold exactly that many entries.</exception>
    public abstract void ReadDictionary(PageBody page, int entries);

    /// <summary>Decodes values to consecutive rows.</summary>
    /// <param name="encoding">How they are encoded.</param>
    /// <param name="page">Their bytes.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">How many; there is room for them.</param>
    /// <exception cref="ParquetException">The bytes are malformed, too few, or of an encoding this type does not have.</exception>
    public abstract void ReadValues(PageEncoding encoding, PageBody page, int start, int count);

    /// <summary>Makes room for rows.</summary>
    public abstract void Grow(int used, int rows);

    /// <summary>Moves the values of a page from its first places to their rows.</summary>
    public abstract void Spread(int start, ReadOnlySpan<byte> levels, int present);

    /// <summary>Decodes dictionary indices and checks that the dictionary has them.</summary>
    protected ReadOnlySpan<int> ReadIndices(ReadOnlySpan<byte> page, int count, int dictionaryEntries)
    {
        if (count == 0)
            return [];
        if (page.IsEmpty)
            throw new ParquetException("A dictionary-encoded page is empty.");
        int width = page[0];
        if (width > 32)
            throw new ParquetException($"Dictionary indices of {width} bits do not exist.");
        if (_indices.Length < count)
            _indices = new int[Math.Max(count, ColumnWriter.MaxPageRows)];
        Span<int> indices = _indices.AsSpan(0, count);
        RleDecoder.Decode(page[1..], width, indices);
        uint highest = 0;
        foreach (int index in indices)
            highest = Math.Max(highest, (uint)index);
        if (highest >= (uint)dictionaryEntries)
            throw new ParquetException($"Dictionary index {highest} is beyond the dictionary's {dictionaryEntries} entries.");
        return indices;
    }

    /// <summary>Decodes DELTA_BINARY_PACKED numbers.</summary>
    /// <returns>The bytes read.</returns>
    protected int ReadDeltas(ReadOnlySpan<byte> page, int count, out ReadOnlySpan<long> deltas)
    {
        if (_deltas.Length < count)
            _deltas = new long[Math.Max(count, ColumnWriter.MaxPageRows)];
        int read = DeltaBinaryDecoder.Decode(page, _deltas.AsSpan(0, count));
        deltas = _deltas.AsSpan(0, count);
        return read;
    }

    protected static ParquetException Unsupported(PageEncoding encoding, string type) =>
        new($"Encoding {encoding} of {type} values is not supported.");

    protected static ParquetException TooShort(int bytes, int count) =>
        new($"A page body of {bytes} bytes cannot hold its {count} values.");
}
