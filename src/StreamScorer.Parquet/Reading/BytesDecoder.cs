using System.Buffers.Binary;
using StreamScorer.Parquet.Encodings;
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
    private int _maxBytes;

    public override int BytesPerRow => 2 * sizeof(int);

    public override ByteBuffer Arena => store.Arena;

    public override void Reset(int maxBytes)
    {
        _maxBytes = maxBytes;
        _entries = 0;
        store.Arena.Clear();
    }

    public override void ReadDictionary(PageBody page, int entries)
    {
        // An entry of no bytes still has the four of its length, and fixed ones have theirs: so a lying count cannot make this grow.
        if ((long)entries * (fixedLength == 0 ? sizeof(int) : fixedLength) > page.Length)
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
            case PageEncoding.DeltaLengthByteArray:
                ReadDeltaLengths(page, starts, lengths);
                break;
            case PageEncoding.DeltaByteArray:
                ReadDeltaBytes(page, starts, lengths);
                break;
            case PageEncoding.ByteStreamSplit when fixedLength > 0:
                ReadSplit(page, starts, lengths);
                break;
            default:
                throw Unsupported(encoding, "byte array");
        }
    }

    public override void Grow(int used, int rows) => store.Grow(used, rows);

    public override void Spread(int start, ReadOnlySpan<byte> levels, int present) => store.Spread(start, levels, present);

    // All lengths come first, then all bytes.
    private void ReadDeltaLengths(PageBody page, Span<int> starts, Span<int> lengths)
    {
        int position = ReadDeltas(page.Bytes, starts.Length, out ReadOnlySpan<long> decoded);
        for (int i = 0; i < decoded.Length; i++)
        {
            if ((ulong)decoded[i] > (ulong)(page.Length - position))
                throw new ParquetException($"A value of {(ulong)decoded[i]} bytes runs past its page's end.");
            starts[i] = page.Start + position;
            lengths[i] = (int)decoded[i];
            position += lengths[i];
        }
        CheckFixedLengths(lengths);
    }

    // All lengths of the beginnings shared with the value before, all lengths of the rests, then the rests. The values are put
    // together behind the page in the arena.
    private void ReadDeltaBytes(PageBody page, Span<int> starts, Span<int> lengths)
    {
        int position = ReadDeltas(page.Bytes, starts.Length, out ReadOnlySpan<long> decoded);
        int[] prefixes = new int[decoded.Length];
        for (int i = 0; i < prefixes.Length; i++)
            prefixes[i] = decoded[i] is >= 0 and <= int.MaxValue ? (int)decoded[i] : throw WrongPrefix(decoded[i]);
        position += ReadDeltas(page.Bytes[position..], starts.Length, out ReadOnlySpan<long> rests);
        CheckSize(prefixes, rests);
        int last = 0;
        int lastLength = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            if ((ulong)rests[i] > (ulong)(page.Length - position))
                throw new ParquetException($"A value of {(ulong)rests[i]} bytes runs past its page's end.");
            if (prefixes[i] > lastLength)
                throw WrongPrefix(prefixes[i]);
            int rest = (int)rests[i];
            int start = store.Arena.Length;
            Span<byte> target = store.Arena.GetSpan(prefixes[i] + rest);
            store.Arena.Slice(last, prefixes[i]).CopyTo(target);
            store.Arena.Slice(page.Start + position, rest).CopyTo(target[prefixes[i]..]);
            store.Arena.Advance(prefixes[i] + rest);
            position += rest;
            (starts[i], lengths[i]) = (start, prefixes[i] + rest);
            (last, lastLength) = (start, lengths[i]);
        }
        CheckFixedLengths(lengths);
    }

    // Shared beginnings can make few bytes stand for very many.
    private void CheckSize(ReadOnlySpan<int> prefixes, ReadOnlySpan<long> rests)
    {
        long total = store.Arena.Length;
        for (int i = 0; i < prefixes.Length; i++)
        {
            total += prefixes[i] + Math.Clamp(rests[i], 0, int.MaxValue);
            if (total > _maxBytes)
                throw new ParquetException($"The column's values pass the {_maxBytes} bytes allowed.");
        }
    }

    private void ReadSplit(PageBody page, Span<int> starts, Span<int> lengths)
    {
        long bytes = (long)starts.Length * fixedLength;
        if (bytes != page.Length)
            throw TooShort(page.Length, starts.Length);
        if (store.Arena.Length + bytes > _maxBytes)
            throw new ParquetException($"The column's values pass the {_maxBytes} bytes allowed.");
        int start = store.Arena.Length;
        Span<byte> joined = store.Arena.GetSpan((int)bytes)[..(int)bytes];
        ByteStreamSplit.Join(page.Bytes, fixedLength, joined);
        store.Arena.Advance((int)bytes);
        ReadPlain(page with { Start = start }, starts, lengths);
    }

    private void CheckFixedLengths(ReadOnlySpan<int> lengths)
    {
        if (fixedLength > 0 && lengths.ContainsAnyExcept(fixedLength))
            throw new ParquetException($"A value of another length than the column's {fixedLength} bytes.");
    }

    private static ParquetException WrongPrefix(long length) =>
        new($"A value repeats {length} bytes of the one before, which it does not have.");

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
