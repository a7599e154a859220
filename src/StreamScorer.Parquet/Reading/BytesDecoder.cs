using System.Buffers.Binary;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Decodes BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY and INT96 values.</summary>
/// <param name="store">Where they go.</param>
/// <param name="fixedLength">Bytes of every value, 0 where each has its own length.</param>
internal sealed class BytesDecoder(BytesStore store, int fixedLength) : ValueDecoder
{
    private readonly NumberStore<int> _entryStarts = new();
    private readonly NumberStore<int> _entryLengths = new();
    private int _entries;

    public override int BytesPerRow => 2 * sizeof(int);

    public override ByteBuffer Arena => store.Arena;

    public override void Reset()
    {
        _entries = 0;
        store.Arena.Clear();
    }

    public override void ReadDictionary(PageBody page, int entries)
    {
        // An entry of no bytes still has its length, and fixed ones their bytes: so a lying count cannot make this grow.
        if ((long)entries * Math.Max(fixedLength, 1) > page.Length)
            throw TooShort(page.Length, entries);
        _entryStarts.Grow(0, entries);
        _entryLengths.Grow(0, entries);
        ReadPlain(page, _entryStarts.Values.AsSpan(0, entries), _entryLengths.Values.AsSpan(0, entries));
        _entries = entries;
    }

    public override void ReadValues(PageEncoding encoding, PageBody page, int start, int count)
    {
        Span<int> starts = store.Starts.Values.AsSpan(start, count);
        Span<int> lengths = store.Lengths.Values.AsSpan(start, count);
        switch (encoding)
        {
            case PageEncoding.Plain:
                ReadPlain(page, starts, lengths);
                break;
            case PageEncoding.RleDictionary or PageEncoding.PlainDictionary:
                ReadOnlySpan<int> indices = ReadIndices(page.Bytes, count, _entries);
                int[] entryStarts = _entryStarts.Values;
                int[] entryLengths = _entryLengths.Values;
                for (int i = 0; i < indices.Length; i++)
                {
                    starts[i] = entryStarts[indices[i]];
                    lengths[i] = entryLengths[indices[i]];
                }
                break;
            default:
                throw Unsupported(encoding, "byte array");
        }
    }

    public override void Grow(int used, int rows) => store.Grow(used, rows);

    public override void Spread(int start, ReadOnlySpan<byte> levels, int present) => store.Spread(start, levels, present);

    private void ReadPlain(PageBody page, Span<int> starts, Span<int> lengths)
    {
        ReadOnlySpan<byte> bytes = page.Bytes;
        int position = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            int length = fixedLength;
            if (fixedLength == 0)
            {
                if (bytes.Length - position < 4)
                    throw TooShort(bytes.Length, starts.Length);
                length = BinaryPrimitives.ReadInt32LittleEndian(bytes[position..]);
                position += 4;
            }
            if ((uint)length > (uint)(bytes.Length - position))
                throw new ParquetException($"A value of {(uint)length} bytes runs past its page's end.");
            starts[i] = page.Start + position;
            lengths[i] = length;
            position += length;
        }
    }
}
