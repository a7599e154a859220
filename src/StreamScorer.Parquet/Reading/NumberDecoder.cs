using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Decodes INT32, INT64, FLOAT and DOUBLE values.</summary>
internal sealed class NumberDecoder<T>(NumberStore<T> store) : ValueDecoder
    where T : unmanaged
{
    private T[] _dictionary = [];
    private int _entries;

    public override int BytesPerRow => Unsafe.SizeOf<T>();

    public override void Reset(int maxBytes) => _entries = 0;

    public override void ReadDictionary(PageBody page, int entries)
    {
        if ((long)entries * Unsafe.SizeOf<T>() != page.Length)
            throw TooShort(page.Length, entries);
        if (_dictionary.Length < entries)
            _dictionary = new T[entries];
        MemoryMarshal.Cast<byte, T>(page.Bytes).CopyTo(_dictionary);
        _entries = entries;
    }

    public override void ReadValues(PageEncoding encoding, PageBody page, int start, int count)
    {
        Span<T> values = store.Values.AsSpan(start, count);
        switch (encoding)
        {
            case PageEncoding.Plain:
                if ((long)count * Unsafe.SizeOf<T>() > page.Length)
                    throw TooShort(page.Length, count);
                page.Bytes[..(count * Unsafe.SizeOf<T>())].CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case PageEncoding.RleDictionary or PageEncoding.PlainDictionary:
                ReadOnlySpan<int> indices = ReadIndices(page.Bytes, count, _entries);
                T[] dictionary = _dictionary;
                for (int i = 0; i < indices.Length; i++)
                    values[i] = dictionary[indices[i]];
                break;
            case PageEncoding.DeltaBinaryPacked when typeof(T) == typeof(long):
                ReadDeltas(page.Bytes, count, out ReadOnlySpan<long> longs);
                MemoryMarshal.Cast<long, T>(longs).CopyTo(values);
                break;
            case PageEncoding.DeltaBinaryPacked when typeof(T) == typeof(int):
                ReadDeltas(page.Bytes, count, out ReadOnlySpan<long> ints);
                Span<int> narrow = MemoryMarshal.Cast<T, int>(values);
                for (int i = 0; i < ints.Length; i++)
                    narrow[i] = (int)ints[i];
                break;
            case PageEncoding.ByteStreamSplit:
                ByteStreamSplit.Join(page.Bytes, Unsafe.SizeOf<T>(), MemoryMarshal.AsBytes(values));
                break;
            default:
                throw Unsupported(encoding, typeof(T).Name);
        }
    }

    public override void Grow(int used, int rows) => store.Grow(used, rows);

    public override void Spread(int start, ReadOnlySpan<byte> levels, int present) => store.Spread(start, levels, present);
}
