using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamScorer.Features;

/// <summary>A string token: where its raw content stands between the quotes, and whether it has escapes in it.</summary>
internal readonly record struct JsonText(int Start, int Length, bool Escaped);

/// <summary>
/// Walks over one JSON text (RFC 8259, valid UTF-8 assumed) without building tokens: the caller asks for what it wants
/// next. Exactly as strict as System.Text.Json with default options, but it answers false instead of throwing, because a
/// topic of garbage would otherwise cost 20 µs of exception handling per record. After false, <see cref="Fault"/> says
/// why and <see cref="Position"/> where.
/// </summary>
/// <param name="json">The text, in a buffer that may have more bytes behind it.</param>
/// <param name="maxDepth">How many containers may be open.</param>
internal ref struct JsonCursor(Utf8Text json, int maxDepth)
{
    private readonly ReadOnlySpan<byte> _json = json.Span;
    private readonly int _maxDepth = maxDepth;

    /// <summary>The text and whatever the buffer has behind it: vectors may be loaded beyond the text's end.</summary>
    public readonly ReadOnlySpan<byte> Readable = json.Buffer[json.Start..];

    /// <summary>Bytes of the text.</summary>
    public readonly int Length => _json.Length;

    /// <summary>The next byte to read.</summary>
    public int Position;

    /// <summary>InvalidJson or TooDeep after a method answered false.</summary>
    public BadRecordReason Fault;

    /// <summary>The next byte after white space, which is skipped; 0 at the end of the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte PeekToken()
    {
        if ((uint)Position < (uint)_json.Length)
        {
            var next = _json[Position];
            if (next > ' ')
                return next;
        }

        return PeekPastWhitespace();
    }

    /// <summary>Takes the punctuation <paramref name="expected"/>, white space before it skipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(byte expected)
    {
        if (PeekToken() != expected)
            return Fail();
        Position++;
        return true;
    }

    /// <summary>Takes exactly these bytes if they are the next ones; no fault where they are not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeBytes(ReadOnlySpan<byte> expected)
    {
        if (expected.Length > _json.Length - Position || !_json.Slice(Position, expected.Length).SequenceEqual(expected))
            return false;
        Position += expected.Length;
        return true;
    }

    /// <summary>Reads the string whose opening quote is the next byte.</summary>
    public bool TryReadString(out JsonText text)
    {
        var start = Position + 1;
        var i = IndexOfSpecial(start);
        if ((uint)i < (uint)_json.Length && _json[i] == '"')
        {
            Position = i + 1;
            text = new JsonText(start, i - start, false);
            return true;
        }

        return TryReadStringSlowly(start, i, out text);
    }

    /// <summary>The content of a string token, escapes as they stand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Utf8Text Text(JsonText token) => new(_json, token.Start, token.Length);

    /// <summary>Reads the number whose first byte is the next one. A number beyond double gives an infinity.</summary>
    public bool TryReadNumber(out double value)
    {
        var length = JsonNumber.Read(_json[Position..], out value);
        if (length == 0)
            return Fail();
        Position += length;
        return true;
    }

    /// <summary>Reads the literal (null, true, false) whose first byte is the next one.</summary>
    public bool TryReadLiteral(ReadOnlySpan<byte> literal)
    {
        if (!_json[Position..].StartsWith(literal))
            return Fail();
        Position += literal.Length;
        return true;
    }

    /// <summary>Passes over one value of any kind and checks its grammar. <paramref name="depth"/> counts the open containers around it.</summary>
    public bool TrySkipValue(int depth)
    {
        // One bit per open container, 1 = object; 64 levels fit, and the options allow no more.
        var objects = 0UL;
        var open = 0;
        do
        {
            var first = PeekToken();
            if (first is (byte)'{' or (byte)'[')
            {
                if (depth + open >= _maxDepth)
                    return Fail(BadRecordReason.TooDeep);
                Position++;
                open++;
                objects = (objects << 1) | (first == '{' ? 1UL : 0UL);
                if (PeekToken() != first + 2)
                {
                    if (first == '{' && !TrySkipName())
                        return false;
                    continue;
                }
            }
            else if (!TrySkipScalar(first))
            {
                return false;
            }

            if (!TryCloseContainers(ref objects, ref open))
                return false;
        }
        while (open > 0);

        return true;
    }

    /// <summary>Whether nothing but white space follows.</summary>
    public bool AtEnd() => (PeekToken() == 0 && Position >= _json.Length) || Fail();

    /// <summary>Notes a break of the grammar at <see cref="Position"/>; always false.</summary>
    public bool Fail(BadRecordReason reason = BadRecordReason.InvalidJson)
    {
        Fault = reason;
        return false;
    }

    // After a value: a comma leads on to the next value, a closing bracket closes its container, and so on outwards.
    private bool TryCloseContainers(ref ulong objects, ref int open)
    {
        while (open > 0)
        {
            var inObject = (objects & 1) != 0;
            var next = PeekToken();
            if (next == ',')
            {
                Position++;
                return !inObject || TrySkipName();
            }

            // A just opened empty container closes here as well.
            if (next != (inObject ? (byte)'}' : (byte)']'))
                return Fail();
            Position++;
            open--;
            objects >>= 1;
        }

        return true;
    }

    private bool TrySkipName()
    {
        if (PeekToken() != '"')
            return Fail();
        return TryReadString(out _) && TryTake((byte)':');
    }

    private bool TrySkipScalar(byte first) => first switch
    {
        (byte)'"' => TryReadString(out _),
        (byte)'t' => TryReadLiteral("true"u8),
        (byte)'f' => TryReadLiteral("false"u8),
        (byte)'n' => TryReadLiteral("null"u8),
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => TryReadNumber(out _),
        _ => Fail(),
    };

    private byte PeekPastWhitespace()
    {
        while ((uint)Position < (uint)_json.Length)
        {
            var next = _json[Position];
            if (next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                return next;
            Position++;
        }

        return 0;
    }

    private bool TryReadStringSlowly(int start, int i, out JsonText text)
    {
        text = default;
        while ((uint)i < (uint)_json.Length)
        {
            if (_json[i] == '"')
            {
                Position = i + 1;
                text = new JsonText(start, i - start, true);
                return true;
            }

            var length = _json[i] == '\\' ? JsonEscape.Length(_json[i..]) : 0;
            if (length == 0)
                break;
            i = IndexOfSpecial(i + length);
        }

        Position = i;
        return Fail();
    }

    /// <summary>Which of 32 bytes are a quote, a backslash or a control character: what ends or interrupts a string. One bit each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Specials(Vector256<byte> block)
    {
        var hits = Vector256.Equals(block, Vector256.Create((byte)'"'))
            | Vector256.Equals(block, Vector256.Create((byte)'\\'))
            | Vector256.Equals(Vector256.Min(block, Vector256.Create((byte)0x1F)), block);
        return hits.ExtractMostSignificantBits();
    }

    // The first quote, backslash or control character from i on; the text's length where there is none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int IndexOfSpecial(int i)
    {
        // 32 bytes hold nearly every name and category, so that the loop's branch is nearly always the same.
        ref var origin = ref MemoryMarshal.GetReference(_json);
        for (; i <= _json.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            var mask = Specials(Vector256.LoadUnsafe(ref origin, (nuint)i));
            if (mask != 0)
                return i + BitOperations.TrailingZeroCount(mask);
        }

        while ((uint)i < (uint)_json.Length && _json[i] is not ((byte)'"' or (byte)'\\' or < 0x20))
            i++;
        return Math.Min(i, _json.Length);
    }
}
