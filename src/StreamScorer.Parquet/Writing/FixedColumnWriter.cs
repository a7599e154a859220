using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>A column of numbers of one width: dictionary pages while they pay, plain ones after.</summary>
internal abstract class FixedColumnWriter<T> : ColumnWriter
    where T : unmanaged, INumber<T>
{
    private readonly FixedDictionary<T> _dictionary = new();
    private T[] _values = [];
    private int[] _indices = [];
    private int _count;
    private bool _usesDictionary;
    private bool _hasDictionaryPages;
    private FixedBounds<T> _lastPageBounds;
    private FixedBounds<T> _chunkBounds;

    private protected FixedColumnWriter(ParquetColumn column, PhysicalType type, PageAssembler assembler)
        : base(column, type, assembler)
    {
        PageRowLimit = Math.Clamp(assembler.Options.PageBytes / Unsafe.SizeOf<T>(), 1, MaxPageRows);
        _usesDictionary = MayUseDictionary;
    }

    private bool MayUseDictionary => Assembler.Options.DictionaryBytes > 0 && typeof(T) != typeof(byte);

    private protected void Add(T value)
    {
        StartRow();
        if (_count == _values.Length)
            PooledArray.Grow(ref _values, _count, PageRowLimit);
        _values[_count++] = value;
        CountValue();
    }

    private protected void AddRange(ReadOnlySpan<T> values)
    {
        while (!values.IsEmpty)
        {
            StartRow();
            int take = Math.Min(values.Length, PageRowLimit - PageRows);
            PooledArray.Grow(ref _values, _count, _count + take);
            values[..take].CopyTo(_values.AsSpan(_count));
            _count += take;
            CountValues(take);
            values = values[take..];
        }
    }

    private protected void AddRun(T value, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        while (count > 0)
        {
            StartRow();
            int take = Math.Min(count, PageRowLimit - PageRows);
            PooledArray.Grow(ref _values, _count, _count + take);
            _values.AsSpan(_count, take).Fill(value);
            _count += take;
            CountValues(take);
            count -= take;
        }
    }

    private protected override PageEncoding EncodeValues(ByteBuffer body)
    {
        ReadOnlySpan<T> values = _values.AsSpan(0, _count);
        // A page of nulls says nothing about whether a dictionary pays.
        if (!values.IsEmpty)
            _usesDictionary = _usesDictionary && TryIndex(values);
        if (!_usesDictionary || values.IsEmpty)
        {
            AppendPlain(values, body);
            return PageEncoding.Plain;
        }
        _hasDictionaryPages = true;
        int width = BitPacking.WidthOf((uint)Math.Max(0, _dictionary.Count - 1));
        body.Append((byte)width);
        RleEncoder.Encode(_indices.AsSpan(0, _count), width, body);
        return PageEncoding.RleDictionary;
    }

    private protected virtual void AppendPlain(ReadOnlySpan<T> values, ByteBuffer body) =>
        body.Append(MemoryMarshal.AsBytes(values));

    private protected override Statistics TakePageStatistics(out BoundsStep step)
    {
        var bounds = new FixedBounds<T>();
        bounds.Observe(_values.AsSpan(0, _count));
        _count = 0;
        step = bounds.StepFrom(_lastPageBounds);
        if (bounds.IsKnown)
            _lastPageBounds = bounds;
        _chunkBounds.Merge(bounds);
        return bounds.ToStatistics();
    }

    private protected override Statistics TakeChunkStatistics()
    {
        Statistics statistics = _chunkBounds.ToStatistics();
        _chunkBounds = default;
        _lastPageBounds = default;
        return statistics;
    }

    private protected override void AddDictionaryPage(ChunkBuffer chunk)
    {
        if (_dictionary.Count > 0)
            chunk.SetDictionaryPage(_dictionary.EntryBytes, _dictionary.Count);
        _dictionary.Clear();
        _hasDictionaryPages = false;
        _usesDictionary = MayUseDictionary;
    }

    private protected override void ReturnMemory()
    {
        _dictionary.ReturnMemory();
        PooledArray.Return(ref _values);
        PooledArray.Return(ref _indices);
    }

    /// <summary>Numbers the page's values; false where the chunk is better off, or must be, without a dictionary from here on.
    /// </summary>
    private bool TryIndex(ReadOnlySpan<T> values)
    {
        int before = _dictionary.Count;
        PooledArray.Grow(ref _indices, 0, values.Length);
        int limit = Assembler.Options.DictionaryBytes / Unsafe.SizeOf<T>();
        int sample = !_hasDictionaryPages ? Math.Min(values.Length, DictionaryChoice.SampleValues) : 0;
        bool fits = _dictionary.Index(values[..sample], _indices, limit) == sample
            && (sample == values.Length || !DictionaryChoice.IsHopeless(_dictionary.Count, sample))
            && _dictionary.Index(values[sample..], _indices.AsSpan(sample), limit) == values.Length - sample;
        if (fits && (_hasDictionaryPages || DictionaryChoice.Pays(_dictionary.EntryBytes.Length, values.Length, _dictionary.Count,
            values.Length * Unsafe.SizeOf<T>())))
        {
            return true;
        }
        _dictionary.Truncate(before);
        return false;
    }
}
