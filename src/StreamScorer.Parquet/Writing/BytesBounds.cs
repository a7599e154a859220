using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>The least and the greatest of a run of byte strings, compared as unsigned bytes and cut to 64 bytes: bounds guide
/// readers past pages, they need not hold the longest value whole.</summary>
internal sealed class BytesBounds
{
    private const int MaxBytes = 64;

    private readonly byte[] _min = new byte[MaxBytes];
    private readonly byte[] _max = new byte[MaxBytes];
    private int _minLength;
    private int _maxLength;
    private bool _minIsCut;
    private bool _maxIsCut;

    // The first eight bytes decide most comparisons.
    private ulong _minPrefix;
    private ulong _maxPrefix;

    /// <summary>Whether any value was observed.</summary>
    public bool Any { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Observe(ReadOnlySpan<byte> value)
    {
        ulong prefix = PrefixOf(value);
        if (!Any || prefix <= _minPrefix || prefix >= _maxPrefix)
            ObserveClose(value, prefix, isCut: false);
    }

    public void Merge(BytesBounds other)
    {
        if (!other.Any)
            return;
        ReadOnlySpan<byte> min = other._min.AsSpan(0, other._minLength);
        ReadOnlySpan<byte> max = other._max.AsSpan(0, other._maxLength);
        ObserveClose(min, PrefixOf(min), other._minIsCut);
        ObserveClose(max, PrefixOf(max), other._maxIsCut);
    }

    /// <summary>Takes over another's bounds.</summary>
    public void CopyFrom(BytesBounds other)
    {
        Any = false;
        Merge(other);
    }

    public void Clear() => Any = false;

    /// <summary>How these bounds stand to those of the page before.</summary>
    public BoundsStep StepFrom(BytesBounds earlier)
    {
        if (!Any || !earlier.Any)
            return BoundsStep.None;
        return BoundsStep.Of(
            _min.AsSpan(0, _minLength).SequenceCompareTo(earlier._min.AsSpan(0, earlier._minLength)),
            _max.AsSpan(0, _maxLength).SequenceCompareTo(earlier._max.AsSpan(0, earlier._maxLength)));
    }

    /// <summary>The bounds as a file holds them; no maximum where a cut one cannot be raised.</summary>
    /// <param name="isText">Whether the bounds must be valid UTF-8, as readers that decode them expect.</param>
    public Statistics ToStatistics(bool isText)
    {
        if (!Any)
            return new Statistics();
        ReadOnlySpan<byte> min = _min.AsSpan(0, _minLength);
        if (isText && _minIsCut)
            min = WholeCharacters(min);
        byte[]? max = _max.AsSpan(0, _maxLength).ToArray();
        if (_maxIsCut)
            max = isText ? RaisedText(WholeCharacters(max)) : RaisedBytes(max);
        // One bound without the other is of no use to a page index, and rare enough not to bother readers with.
        return max is null
            ? new Statistics()
            : new Statistics { Min = min.ToArray(), Max = max, IsMinExact = !_minIsCut, IsMaxExact = !_maxIsCut };
    }

    private void ObserveClose(ReadOnlySpan<byte> value, ulong prefix, bool isCut)
    {
        isCut |= value.Length > MaxBytes;
        ReadOnlySpan<byte> head = value[..Math.Min(MaxBytes, value.Length)];
        int toMin = Any ? head.SequenceCompareTo(_min.AsSpan(0, _minLength)) : -1;
        int toMax = Any ? head.SequenceCompareTo(_max.AsSpan(0, _maxLength)) : 1;
        Any = true;
        if (toMin < 0)
        {
            head.CopyTo(_min);
            _minLength = head.Length;
            _minPrefix = prefix;
            _minIsCut = isCut;
        }
        if (toMax > 0)
        {
            head.CopyTo(_max);
            _maxLength = head.Length;
            _maxPrefix = prefix;
            _maxIsCut = isCut;
        }
        // Of values that agree in all kept bytes, only an uncut one is the least, and any cut one may be the greatest.
        if (toMin == 0)
            _minIsCut &= isCut;
        if (toMax == 0)
            _maxIsCut |= isCut;
    }

    private static ulong PrefixOf(ReadOnlySpan<byte> value)
    {
        if (value.Length >= 8)
            return BinaryPrimitives.ReadUInt64BigEndian(value);
        ulong prefix = 0;
        for (int i = 0; i < value.Length; i++)
            prefix |= (ulong)value[i] << (56 - (8 * i));
        return prefix;
    }

    // Cuts what may be the beginning of a character off the end.
    private static ReadOnlySpan<byte> WholeCharacters(ReadOnlySpan<byte> text)
    {
        int end = text.Length;
        while (end > 0 && (text[end - 1] & 0xC0) == 0x80)
            end--;
        if (end == 0)
            return text;
        bool lastIsWhole = Rune.DecodeFromUtf8(text[(end - 1)..], out _, out _) == System.Buffers.OperationStatus.Done;
        return lastIsWhole ? text : text[..(end - 1)];
    }

    private static byte[]? RaisedBytes(ReadOnlySpan<byte> bytes)
    {
        int last = bytes.Length - 1;
        while (last >= 0 && bytes[last] == 0xFF)
            last--;
        if (last < 0)
            return null;
        byte[] raised = bytes[..(last + 1)].ToArray();
        raised[last]++;
        return raised;
    }

    // Raises the last character that has a successor and drops what follows it; the order of UTF-8 bytes is that of code points.
    private static byte[]? RaisedText(ReadOnlySpan<byte> text)
    {
        Span<byte> encoded = stackalloc byte[4];
        while (Rune.DecodeLastFromUtf8(text, out Rune last, out int length) == System.Buffers.OperationStatus.Done)
        {
            text = text[..^length];
            // U+D7FF is followed by the surrogates, which are no characters.
            int next = last.Value == 0xD7FF ? 0xE000 : last.Value + 1;
            if (Rune.IsValid(next))
            {
                int written = new Rune(next).EncodeToUtf8(encoded);
                return [.. text, .. encoded[..written]];
            }
        }
        return null;
    }
}
