using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>String and Binary columns: each value is looked up in the dictionary as it comes, until the dictionary does not pay;
/// then the page grows as plain lengths and bytes.</summary>
internal sealed class BytesColumnWriter : ColumnWriter
{
    // Half a surrogate pair has no UTF-8; writing a replacement character instead would change the value silently.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly bool _isText;
    private readonly BytesDictionary _dictionary = new();
    private readonly ByteBuffer _plain = new();
    private readonly ByteBuffer _transcoded = new();
    private readonly BytesBounds _bounds = new();
    private readonly BytesBounds _lastPageBounds = new();
    private readonly BytesBounds _chunkBounds = new();
    private int[] _indices = [];
    private int[] _lastPageOfEntry = [];
    private int _pageNumber = 1;
    private int _count;
    private int _lastIndex = -1;
    private long _pageBytesIfPlain;
    private bool _usesDictionary;
    private bool _hasDictionaryPages;

    public BytesColumnWriter(ParquetColumn column, PageAssembler assembler) : base(column, PhysicalType.ByteArray, assembler)
    {
        _isText = column.Type == ParquetType.String;
        _usesDictionary = assembler.Options.DictionaryBytes > 0;
    }

    private protected override bool IsPageFull => _plain.Length >= Assembler.Options.PageBytes;

    public override void Append(ReadOnlySpan<byte> value)
    {
        StartRow();
        if (_usesDictionary)
            AppendToDictionary(value);
        else
            AppendPlain(value);
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
        _transcoded.Clear();
        _transcoded.Advance(StrictUtf8.GetBytes(value, _transcoded.GetSpan(StrictUtf8.GetMaxByteCount(value.Length))));
        Append(_transcoded.Written);
    }

    private protected override PageEncoding EncodeValues(ByteBuffer body)
    {
        // A page of nulls says nothing about whether a dictionary pays.
        if (_count > 0 && !_hasDictionaryPages && !DictionaryPays())
            LeaveDictionary();
        if (_count > 0)
        {
            _hasDictionaryPages = true;
            int width = BitPacking.WidthOf((uint)Math.Max(0, _dictionary.Count - 1));
            body.Append((byte)width);
            RleEncoder.Encode(_indices.AsSpan(0, _count), width, body);
            return PageEncoding.RleDictionary;
        }
        body.Append(_plain.Written);
        return PageEncoding.Plain;
    }

    private protected override Statistics TakePageStatistics(out BoundsStep step)
    {
        step = _bounds.StepFrom(_lastPageBounds);
        if (_bounds.Any)
            _lastPageBounds.CopyFrom(_bounds);
        _chunkBounds.Merge(_bounds);
        Statistics statistics = _bounds.ToStatistics(_isText);
        _bounds.Clear();
        _plain.Clear();
        _count = 0;
        _pageBytesIfPlain = 0;
        _pageNumber++;
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
        _lastIndex = -1;
        _hasDictionaryPages = false;
        _usesDictionary = Assembler.Options.DictionaryBytes > 0;
    }

    private protected override void ReturnMemory()
    {
        _dictionary.ReturnMemory();
        _plain.ReturnMemory();
        _transcoded.ReturnMemory();
        PooledArray.Return(ref _indices);
        PooledArray.Return(ref _lastPageOfEntry);
    }

    private void AppendToDictionary(ReadOnlySpan<byte> value)
    {
        int index = _lastIndex;
        // Neighbours are often equal: a topic, a model.
        if (index < 0 || !_dictionary.Entry(index).SequenceEqual(value))
        {
            index = _dictionary.Find(value, out uint hash);
            if (index < 0)
            {
                if (!MayAddEntry(value.Length))
                {
                    AppendPlain(value);
                    return;
                }
                CheckText(value);
                index = _dictionary.Add(value, hash);
                PooledArray.Grow(ref _lastPageOfEntry, index, index + 1);
                _lastPageOfEntry[index] = 0;
            }
            _lastIndex = index;
        }
        if (_lastPageOfEntry[index] != _pageNumber)
        {
            _lastPageOfEntry[index] = _pageNumber;
            _bounds.Observe(value);
        }
        PooledArray.Grow(ref _indices, _count, _count + 1);
        _indices[_count++] = index;
        _pageBytesIfPlain += 4L + value.Length;
        CountValue();
    }

    /// <summary>Whether one more entry fits and the dictionary still looks worth it; where not, the chunk goes on plain.</summary>
    private bool MayAddEntry(int length)
    {
        bool fits = _dictionary.EntryBytes.Length + 4L + length <= Assembler.Options.DictionaryBytes;
        bool isHopeless = !_hasDictionaryPages && _count == DictionaryChoice.SampleValues
            && DictionaryChoice.IsHopeless(_dictionary.Count, _count);
        if (fits && !isHopeless)
            return true;
        if (!_hasDictionaryPages && (isHopeless || !DictionaryPays()))
            LeaveDictionary();
        else
            CloseDictionaryPage();
        return false;
    }

    private bool DictionaryPays() =>
        DictionaryChoice.Pays(_dictionary.EntryBytes.Length, _count, _dictionary.Count, _pageBytesIfPlain);

    /// <summary>Turns the first page's indices into plain values and forgets the dictionary.</summary>
    private void LeaveDictionary()
    {
        for (int i = 0; i < _count; i++)
        {
            ReadOnlySpan<byte> value = _dictionary.Entry(_indices[i]);
            AddLengthAndBytes(value);
        }
        _count = 0;
        _dictionary.Clear();
        _lastIndex = -1;
        _usesDictionary = false;
    }

    /// <summary>Finishes the page with the entries it has; later pages of the chunk are plain.</summary>
    private void CloseDictionaryPage()
    {
        if (PageRows > 0)
            ClosePage();
        _usesDictionary = false;
    }

    private void AppendPlain(ReadOnlySpan<byte> value)
    {
        CheckText(value);
        _bounds.Observe(value);
        AddLengthAndBytes(value);
        CountValue();
    }

    private void AddLengthAndBytes(ReadOnlySpan<byte> value)
    {
        Span<byte> target = _plain.GetSpan(value.Length + 4);
        BinaryPrimitives.WriteInt32LittleEndian(target, value.Length);
        value.CopyTo(target[4..]);
        _plain.Advance(value.Length + 4);
    }

    private void CheckText(ReadOnlySpan<byte> value)
    {
        if (_isText && !Utf8.IsValid(value))
            throw new ArgumentException($"Column '{Column.Name}': a String value is not valid UTF-8.", nameof(value));
    }
}
