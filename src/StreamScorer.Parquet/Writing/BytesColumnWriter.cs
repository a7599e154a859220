using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>String and Binary columns: dictionary pages while they pay, plain ones after.</summary>
internal sealed class BytesColumnWriter : ColumnWriter
{
    // A run of one value takes its bytes once while the page is filled, so a page may stand for more plain bytes than its limit;
    // this many times more, lest a page that turns out plain becomes huge.
    private const int RepetitionAllowance = 4;

    // Half a surrogate pair has no UTF-8; writing a replacement character instead would change the value silently.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly bool _isText;
    private readonly BytesDictionary _dictionary = new();
    private readonly ByteBuffer _values = new();
    private readonly ByteBuffer _transcoded = new();
    private readonly BytesBounds _bounds = new();
    private readonly BytesBounds _lastPageBounds = new();
    private readonly BytesBounds _chunkBounds = new();

    // By value of the page: where it starts in _values. Equal neighbours share a start.
    private int[] _starts = [];
    private int[] _indices = [];
    private int[] _lastPageOfEntry = [];
    private int _count;
    private string? _lastText;
    private int _lastStart;
    private long _plainBytes;
    private int _pageNumber;
    private bool _usesDictionary;
    private bool _hasDictionaryPages;

    public BytesColumnWriter(ParquetColumn column, PageAssembler assembler) : base(column, PhysicalType.ByteArray, assembler)
    {
        _isText = column.Type == ParquetType.String;
        _usesDictionary = assembler.Options.DictionaryBytes > 0;
    }

    public override void Append(ReadOnlySpan<byte> value)
    {
        StartRow();
        // Neighbours are often equal: a topic, a model.
        if (_count == 0 || !value.SequenceEqual(PlainBytes.At(_values.Written, _lastStart)))
        {
            if (_isText && !Utf8.IsValid(value))
                throw new ArgumentException($"Column '{Column.Name}': a String value is not valid UTF-8.", nameof(value));
            _lastStart = _values.Length;
            PlainBytes.Append(_values, value);
        }
        if (_count == _starts.Length)
            PooledArray.Grow(ref _starts, _count, MaxPageRows);
        _starts[_count++] = _lastStart;
        _plainBytes += 4L + value.Length;
        CountValue();
        EndLongPage();
    }

    public override void Append(string? value)
    {
        if (!_isText)
            throw WrongType("string");
        if (value is null)
        {
            AppendNull();
            return;
        }
        Append(Transcode(value));
    }

    public override void AppendRun(string? value, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (!_isText)
            throw WrongType("string");
        if (value is null)
        {
            AppendNulls(count);
            return;
        }
        ReadOnlySpan<byte> bytes = count > 0 ? Transcode(value) : default;
        while (count > 0)
        {
            Append(bytes);
            int more = Math.Min(count - 1, Math.Min(PageRowLimit - PageRows, RowsUntilLong(4L + bytes.Length)));
            PooledArray.Grow(ref _starts, _count, _count + more);
            _starts.AsSpan(_count, more).Fill(_lastStart);
            _count += more;
            _plainBytes += more * (4L + bytes.Length);
            CountValues(more);
            EndLongPage();
            count -= 1 + more;
        }
    }

    private protected override PageEncoding EncodeValues(ByteBuffer body)
    {
        // A page of nulls says nothing about whether a dictionary pays.
        if (_count == 0)
            return PageEncoding.Plain;
        _usesDictionary = _usesDictionary && TryIndex();
        if (!_usesDictionary)
        {
            AppendPlain(body);
            return PageEncoding.Plain;
        }
        _hasDictionaryPages = true;
        int width = BitPacking.WidthOf((uint)(_dictionary.Count - 1));
        body.Append((byte)width);
        RleEncoder.Encode(_indices.AsSpan(0, _count), width, body);
        return PageEncoding.RleDictionary;
    }

    private protected override Statistics TakePageStatistics(out BoundsStep step)
    {
        if (_usesDictionary)
            ObserveEntries();
        else
            ObserveValues();
        step = _bounds.StepFrom(_lastPageBounds);
        if (_bounds.Any)
            _lastPageBounds.CopyFrom(_bounds);
        _chunkBounds.Merge(_bounds);
        Statistics statistics = _bounds.ToStatistics(_isText);
        _bounds.Clear();
        _values.Clear();
        _count = 0;
        _plainBytes = 0;
        PageRowLimit = MaxPageRows;
        return statistics;
    }

    private protected override Statistics TakeChunkStatistics()
    {
        Statistics statistics = _chunkBounds.ToStatistics(_isText);
        _chunkBounds.Clear();
        _lastPageBounds.Clear();
        return statistics;
    }

    private protected override void AddDictionaryPage(ChunkBuffer chunk)
    {
        if (_dictionary.Count > 0)
            chunk.SetDictionaryPage(_dictionary.EntryBytes, _dictionary.Count);
        _dictionary.Clear();
        _hasDictionaryPages = false;
        _usesDictionary = Assembler.Options.DictionaryBytes > 0;
    }

    private protected override void ReturnMemory()
    {
        _dictionary.ReturnMemory();
        _values.ReturnMemory();
        _transcoded.ReturnMemory();
        _lastText = null;
        PooledArray.Return(ref _starts);
        PooledArray.Return(ref _indices);
        PooledArray.Return(ref _lastPageOfEntry);
    }

    private ReadOnlySpan<byte> Transcode(string value)
    {
        // A topic or a model is the same string row after row.
        if (!ReferenceEquals(value, _lastText))
        {
            _lastText = null;
            _transcoded.Clear();
            _transcoded.Advance(StrictUtf8.GetBytes(value, _transcoded.GetSpan(StrictUtf8.GetMaxByteCount(value.Length))));
            _lastText = value;
        }
        return _transcoded.Written;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndLongPage()
    {
        if (_plainBytes >= Assembler.Options.PageBytes && IsPageLong())
            PageRowLimit = PageRows;
    }

    private bool IsPageLong() => !_usesDictionary || _values.Length >= Assembler.Options.PageBytes
        || _plainBytes >= (long)RepetitionAllowance * Assembler.Options.PageBytes;

    /// <summary>How many more equal neighbours, of so many plain bytes each, make the page long; none if it is.</summary>
    private int RowsUntilLong(long bytesEach)
    {
        long limit = _usesDictionary ? (long)RepetitionAllowance * Assembler.Options.PageBytes : Assembler.Options.PageBytes;
        return (int)Math.Min(MaxPageRows, (Math.Max(0, limit - _plainBytes) + bytesEach - 1) / bytesEach);
    }

    /// <summary>Numbers the page's values; false where the chunk is better off, or must be, without a dictionary from here on.
    /// </summary>
    private bool TryIndex()
    {
        int before = _dictionary.Count;
        PooledArray.Grow(ref _indices, 0, _count);
        ReadOnlySpan<int> starts = _starts.AsSpan(0, _count);
        int limit = Assembler.Options.DictionaryBytes;
        int sample = _hasDictionaryPages ? 0 : Math.Min(_count, DictionaryChoice.SampleValues);
        bool fits = _dictionary.Index(_values.Written, starts[..sample], _indices, limit) == sample
            && (sample == _count || !DictionaryChoice.IsHopeless(_dictionary.Count, sample))
            && _dictionary.Index(_values.Written, starts[sample..], _indices.AsSpan(sample), limit) == _count - sample;
        if (fits && (_hasDictionaryPages
            || DictionaryChoice.Pays(_dictionary.EntryBytes.Length, _count, _dictionary.Count, _plainBytes)))
        {
            return true;
        }
        _dictionary.Truncate(before);
        return false;
    }

    private void AppendPlain(ByteBuffer body)
    {
        if (_plainBytes == _values.Length)
        {
            body.Append(_values.Written);
            return;
        }
        foreach (int start in _starts.AsSpan(0, _count))
            PlainBytes.Append(body, PlainBytes.At(_values.Written, start));
    }

    // Optimised from the first call on: called once a page, it would take minutes to be noticed as hot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ObserveValues()
    {
        ReadOnlySpan<byte> values = _values.Written;
        int last = -1;
        foreach (int start in _starts.AsSpan(0, _count))
        {
            if (start != last)
                _bounds.Observe(PlainBytes.At(values, start));
            last = start;
        }
    }

    /// <summary>Observes each dictionary entry that the page uses once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ObserveEntries()
    {
        _pageNumber++;
        if (_lastPageOfEntry.Length < _dictionary.Count)
        {
            int known = _lastPageOfEntry.Length;
            PooledArray.Grow(ref _lastPageOfEntry, known, _dictionary.Count);
            _lastPageOfEntry.AsSpan(known).Clear();
        }
        int last = -1;
        foreach (int index in _indices.AsSpan(0, _count))
        {
            if (index == last)
                continue;
            last = index;
            if (_lastPageOfEntry[index] == _pageNumber)
                continue;
            _lastPageOfEntry[index] = _pageNumber;
            _bounds.Observe(_dictionary[index]);
        }
    }
}
