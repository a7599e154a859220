using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>
/// Reads the fields of an event that come as nearly all fields come: the one that followed last time, no white space, and
/// as its value a short number, a plain text or null. Comma and name are one comparison of 32 bytes, texts are found and
/// looked up in the 32 bytes that they stand in. Whatever is not like that is left to <see cref="EventReader"/>, field by
/// field, faults included: this class only ever takes what that would take, and does the same with it.
/// </summary>
internal sealed class ExpectedFields
{
    // What is read of the buffer before a field's end is compared with the text's: name, quote and two blocks of value.
    private const int RoomBytes = 128;

    private static readonly uint NullLiteral = MemoryMarshal.Read<uint>("null"u8);

    private enum Form : byte
    {
        Other,
        Number,
        Category,
        LeadId,
        EventId,
        Time,
    }

    private readonly struct Field(Vector256<byte> token, Vector256<byte> mask, int length, Form form)
    {
        public readonly Vector256<byte> Token = token;
        public readonly Vector256<byte> Mask = mask;
        public readonly int Length = length;
        public readonly Form Form = form;
    }

    private readonly EventFields _fields;
    private readonly FeatureColumn[] _columns;
    private readonly FieldPresence _presence;
    private readonly (int Start, int End)[] _values;
    private readonly OwnFields _own;
    private readonly Field[] _expected;

    public ExpectedFields(
        EventFields fields, FeatureColumn[] columns, FieldPresence presence, (int Start, int End)[] values, OwnFields own)
    {
        _fields = fields;
        _columns = columns;
        _presence = presence;
        _values = values;
        _own = own;
        _expected = [.. Enumerable.Range(0, fields.NameCount).Select(MakeField)];
    }

    /// <summary>
    /// Reads as many fields as come that way; the cursor then stands behind the last one's value, or where it stood.
    /// </summary>
    /// <param name="cursor">Stands before <paramref name="opener"/>, if that is the next byte.</param>
    /// <param name="opener">What stands before the first field: a brace or a comma.</param>
    /// <param name="row">Receives the features.</param>
    /// <param name="slot">The slot of the field before, Unknown at the start; receives that of the last field read.</param>
    /// <param name="result">Receives how many categories were unseen.</param>
    /// <returns>Whether it read any.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // as in EventReader
    public bool TryRead(ref JsonCursor cursor, byte opener, Span<double> row, ref int slot, ref DecodedEvent result)
    {
        ref var json = ref MemoryMarshal.GetReference(cursor.Readable);
        var last = cursor.Readable.Length - RoomBytes;
        var length = cursor.Length;
        var previous = slot;
        var at = cursor.Position;
        while (at <= last)
        {
            var next = _fields.Expected(previous);
            ref readonly var field = ref _expected[next];
            var name = Vector256.LoadUnsafe(ref json, (nuint)at) & field.Mask;
            if (name != field.Token || Unsafe.Add(ref json, at) != opener || _presence.Has(next))
                break;
            var start = at + field.Length;
            var taken = ReadValue(ref Unsafe.Add(ref json, start), start, length - start, field.Form, next, row, ref result);
            if (taken == 0)
                break;
            _presence.Mark(next);
            previous = next;
            at = start + taken;
            opener = (byte)',';
        }

        var read = at > cursor.Position;
        cursor.Position = at;
        slot = previous;
        return read;
    }

    // How many bytes the value takes, no more than the text has left; 0 where it is for the reader.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadValue(ref byte value, int start, int left, Form form, int slot, Span<double> row, ref DecodedEvent result)
    {
        int taken;
        switch (form)
        {
            case Form.Category:
                taken = value == '"' ? ReadCategory(ref value, left, slot, row, ref result) : ReadNull(ref value, left);
                break;
            case Form.Number:
                taken = JsonNumber.ReadShort(ref value, out var number);
                if (taken == 0)
                    taken = ReadNull(ref value, left);
                else if (taken <= left)
                    row[slot] = number;
                else
                    return 0;
                break;
            case Form.Time:
                taken = JsonNumber.ReadShort(ref value, out var millis);
                if (taken == 0 || taken > left)
                    return 0;
                _own.SetTime(millis);
                return taken;
            default:
                return ReadId(ref value, start, left, form);
        }

        ref var place = ref _values[slot];
        place.Start = start;
        place.End = start + taken;
        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadCategory(ref byte value, int left, int slot, Span<double> row, ref DecodedEvent result)
    {
        // 32 where none of them is special; the byte behind them is no quote then, or one that ends the text all the same.
        var block = Vector256.LoadUnsafe(ref value, 1);
        var length = BitOperations.TrailingZeroCount(JsonCursor.Specials(block));
        if (length > left - 2 || Unsafe.Add(ref value, length + 1) != '"')
            return 0;
        row[slot] = _columns[slot].Encode(Utf8Lookup.First(block, length), length, out var unseen);
        result.UnseenCategories += unseen ? 1 : 0;
        return length + 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadId(ref byte value, int start, int left, Form form)
    {
        // A UUID has 36 characters: two blocks.
        var specials = JsonCursor.Specials(Vector256.LoadUnsafe(ref value, 1))
            | ((ulong)JsonCursor.Specials(Vector256.LoadUnsafe(ref value, 33)) << 32);
        var length = BitOperations.TrailingZeroCount(specials);
        if (value != '"' || length > left - 2 || Unsafe.Add(ref value, length + 1) != '"')
            return 0;
        _own.SetId(new JsonText(start + 1, length, false), form == Form.LeadId);
        return length + 2;
    }

    // The row holds NaN already.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadNull(ref byte value, int left) =>
        left >= sizeof(uint) && Unsafe.ReadUnaligned<uint>(ref value) == NullLiteral ? sizeof(uint) : 0;

    private Field MakeField(int slot)
    {
        var form = slot == _fields.LeadId ? Form.LeadId
            : slot == _fields.EventId ? Form.EventId
            : slot == _fields.OccurredAt ? Form.Time
            : slot >= _fields.FeatureCount ? Form.Other
            : _columns[slot].Kind switch
            {
                FeatureKind.Numeric => Form.Number,
                FeatureKind.Categorical => Form.Category,
                _ => Form.Other,
            };
        var name = _fields.TokenOf(slot);
        // A token that nothing masked to zeros equals.
        if (form == Form.Other || name.Length >= Vector256<byte>.Count)
            return new Field(Vector256<byte>.AllBitsSet, default, 0, form);
        Span<byte> token = stackalloc byte[Vector256<byte>.Count];
        token.Clear();
        name.CopyTo(token[1..]);
        var behindOpener = Vector256.GreaterThan(Vector256<byte>.Indices, Vector256<byte>.Zero);
        return new Field(
            Vector256.Create<byte>(token), Utf8Lookup.First(behindOpener, name.Length + 1), name.Length + 1, form);
    }
}
