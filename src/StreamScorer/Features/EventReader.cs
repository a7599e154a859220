using System.Runtime.CompilerServices;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>
/// Reads one event object into a feature row in a single pass over its bytes. Keeps what it read (where the ids and the
/// features' values stand) until the next event. One thread at a time; allocates only to grow its scratch buffer.
/// </summary>
internal sealed class EventReader
{
    private const double MicrosPerMilli = 1000;

    private readonly FeatureColumn[] _columns;
    private readonly EventFields _fields;
    private readonly int _maxDepth;
    private readonly ulong[] _required;
    private readonly ulong[] _seen;
    private readonly (int Start, int End)[] _values;
    private readonly int[] _timestamps;
    private readonly long[] _instants;
    private byte[] _scratch = new byte[256];

    public EventReader(FeatureSchema schema, int maxDepth)
    {
        _fields = new EventFields(schema);
        _maxDepth = maxDepth;
        _columns = [.. schema.Features.Select(feature => new FeatureColumn(feature))];
        _seen = new ulong[((_fields.SpecVersion + 1) / 64) + 1];
        _required = new ulong[_seen.Length];
        foreach (var feature in schema.Features.Where(feature => feature.Required))
            _required[feature.Index / 64] |= 1UL << (feature.Index % 64);
        _values = new (int, int)[schema.Count];
        _timestamps = [.. schema.Features.Where(f => f.Kind == FeatureKind.Timestamp).Select(f => f.Index)];
        _instants = new long[schema.Count];
    }

    /// <summary>The features in schema order.</summary>
    public ReadOnlySpan<FeatureColumn> Columns => _columns;

    /// <summary>The text of <c>leadId</c> in the event; null where it is absent or null.</summary>
    public JsonText? LeadId { get; private set; }

    /// <summary>The text of <c>eventId</c> in the event; null where it is absent or null.</summary>
    public JsonText? EventId { get; private set; }

    /// <summary>Whether the event gave a time, in range or not.</summary>
    public bool HasOccurredAt { get; private set; }

    /// <summary>Event time in microseconds since 1970, not yet checked for plausibility.</summary>
    public long OccurredAtMicros { get; private set; }

    /// <summary>Whether the object has the field that marks a CloudEvents envelope.</summary>
    public bool SawSpecVersion { get; private set; }

    /// <summary>Whether the event named the feature, with null or with a value.</summary>
    public bool Has(int feature) => (_seen[feature / 64] & (1UL << (feature % 64))) != 0;

    /// <summary>Where in the event's bytes the value of a feature stands that <see cref="Has"/> affirms.</summary>
    public Range ValueOf(int feature) => _values[feature].Start.._values[feature].End;

    /// <summary>Reads a whole object with nothing behind it. On false the result holds reason, fault and offset.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryRead(ReadOnlySpan<byte> json, Span<double> row, ref DecodedEvent result)
    {
        row.Fill(double.NaN);
        _seen.AsSpan().Clear();
        LeadId = null;
        EventId = null;
        HasOccurredAt = false;
        SawSpecVersion = false;
        var cursor = new JsonCursor(json, _maxDepth);
        if (TryReadObject(ref cursor, row, ref result) && cursor.AtEnd())
            return HasRequired(ref result);
        result.Reason = cursor.Fault;
        result.FaultOffset = cursor.Position;
        return false;
    }

    /// <summary>
    /// Turns the instants of timestamp features into their age in days at the event; where the event has no time their
    /// age is not known, and they count as missing.
    /// </summary>
    public void SetAges(Span<double> row, long occurredAtMicros)
    {
        foreach (var feature in _timestamps)
        {
            if (!double.IsNaN(row[feature]))
                row[feature] = occurredAtMicros == DecodedEvent.NoTime
                    ? double.NaN
                    : Feature.AgeInDays(_instants[feature], occurredAtMicros);
        }
    }

    /// <summary>
    /// The text that a string token stands for, in the event's bytes or in scratch that the next call overwrites; false
    /// where it has half a surrogate pair in it.
    /// </summary>
    public bool TryGetText(ReadOnlySpan<byte> raw, bool escaped, out ReadOnlySpan<byte> text)
    {
        text = raw;
        if (!escaped)
            return true;
        if (_scratch.Length < raw.Length)
            _scratch = new byte[raw.Length * 2];
        var length = JsonEscape.Unescape(raw, _scratch);
        text = _scratch.AsSpan(0, Math.Max(length, 0));
        return length >= 0;
    }

    private bool TryReadObject(ref JsonCursor cursor, Span<double> row, ref DecodedEvent result)
    {
        if (cursor.PeekToken() != '{')
            return cursor.TrySkipValue(0) && cursor.AtEnd() && cursor.Fail(BadRecordReason.NotAnObject);
        cursor.Position++;
        if (cursor.PeekToken() == '}')
            return cursor.TryTake((byte)'}');
        var slot = EventFields.Unknown;
        while (true)
        {
            var quote = cursor.PeekToken();
            if (cursor.TryTakeBytes(_fields.ExpectedToken(slot)))
                slot = _fields.Expected(slot);
            else if (quote != '"')
                return cursor.Fail();
            else if (!TryReadName(ref cursor, ref slot))
                return false;
            if (!TryReadField(ref cursor, slot, row, ref result))
                return false;
            var next = cursor.PeekToken();
            if (next == '}')
                return cursor.TryTake((byte)'}');
            if (next != ',')
                return cursor.Fail();
            cursor.Position++;
        }
    }

    private bool TryGetText(ref JsonCursor cursor, JsonText token, out Utf8Text text)
    {
        text = cursor.Text(token);
        if (!token.Escaped)
            return true;
        var found = TryGetText(text.Span, true, out var unescaped);
        text = Utf8Text.Whole(unescaped);
        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadName(ref JsonCursor cursor, ref int slot)
    {
        if (!cursor.TryReadString(out var name) || !cursor.TryTake((byte)':'))
            return false;
        slot = TryGetText(ref cursor, name, out var text) ? _fields.Find(text, slot) : EventFields.Unknown;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadField(ref JsonCursor cursor, int slot, Span<double> row, ref DecodedEvent result)
    {
        if ((uint)slot >= (uint)_columns.Length)
            return TryReadOtherField(ref cursor, slot, ref result);
        if (!TryMarkSeen(slot))
            return FailFeature(ref cursor, slot, BadRecordReason.DuplicateName, EventFault.None, ref result);
        var first = cursor.PeekToken();
        var start = cursor.Position;
        var read = TryReadFeature(ref cursor, first, slot, row, ref result);
        ref var value = ref _values[slot];
        value.Start = start;
        value.End = cursor.Position;
        return read;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadFeature(ref JsonCursor cursor, byte first, int slot, Span<double> row, ref DecodedEvent result)
    {
        switch (first)
        {
            case (byte)'"':
                return cursor.TryReadString(out var text) && TrySetText(ref cursor, text, slot, row, ref result);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return cursor.TryReadNumber(out var number) && TrySetNumber(ref cursor, number, slot, row, ref result);
            case (byte)'n':
                return cursor.TryReadLiteral("null"u8);
            case (byte)'t' or (byte)'f':
                if (!cursor.TryReadLiteral(first == 't' ? "true"u8 : "false"u8))
                    return false;
                row[slot] = first == 't' ? 1 : 0;
                return _columns[slot].Kind == FeatureKind.Boolean
                    || FailFeature(ref cursor, slot, BadRecordReason.WrongType, EventFault.FoundBoolean, ref result);
            case (byte)'{' or (byte)'[':
                return FailFeature(ref cursor, slot, BadRecordReason.WrongType, EventFault.FoundStructure, ref result);
            default:
                return cursor.Fail();
        }
    }

    private bool TrySetText(ref JsonCursor cursor, JsonText token, int slot, Span<double> row, ref DecodedEvent result)
    {
        var column = _columns[slot];
        if (!TryGetText(ref cursor, token, out var text))
            return FailFeature(ref cursor, slot, BadRecordReason.InvalidUtf8, EventFault.None, ref result);
        if (column.Kind == FeatureKind.Categorical)
        {
            row[slot] = column.Encode(text, out var unseen);
            result.UnseenCategories += unseen ? 1 : 0;
            return true;
        }

        if (column.IsNullToken(text))
            return true;
        if (column.Kind == FeatureKind.Timestamp && Rfc3339.TryParse(text.Span, out _instants[slot], allowDateAlone: true))
        {
            row[slot] = 0;
            return true;
        }

        var reason = column.Kind == FeatureKind.Numeric && IsNotANumber(text.Span) ? BadRecordReason.NotANumber : BadRecordReason.WrongType;
        return FailFeature(ref cursor, slot, reason, EventFault.FoundString, ref result);
    }

    private bool TrySetNumber(ref JsonCursor cursor, double number, int slot, Span<double> row, ref DecodedEvent result)
    {
        if (!double.IsFinite(number))
            return FailFeature(ref cursor, slot, BadRecordReason.NumberOutOfRange, EventFault.None, ref result);
        row[slot] = number;
        switch (_columns[slot].Kind)
        {
            case FeatureKind.Numeric:
                return true;
            case FeatureKind.Timestamp:
                return TryToMicros(number, out _instants[slot])
                    || FailFeature(ref cursor, slot, BadRecordReason.NumberOutOfRange, EventFault.None, ref result);
            default:
                return FailFeature(ref cursor, slot, BadRecordReason.WrongType, EventFault.FoundNumber, ref result);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadOtherField(ref JsonCursor cursor, int slot, ref DecodedEvent result)
    {
        if (slot == EventFields.Unknown || slot == _fields.SpecVersion)
        {
            SawSpecVersion |= slot == _fields.SpecVersion;
            result.UnknownFields++;
            return cursor.PeekToken() != 0 ? cursor.TrySkipValue(1) : cursor.Fail();
        }

        var isLeadId = slot == _fields.LeadId;
        var isTime = slot == _fields.OccurredAt;
        result.Fault = isLeadId ? EventFault.LeadIdField : isTime ? EventFault.OccurredAtField : EventFault.EventIdField;
        if (!TryMarkSeen(slot))
            return cursor.Fail(BadRecordReason.DuplicateName);
        var read = isTime ? TryReadTime(ref cursor) : TryReadId(ref cursor, isLeadId);
        if (read)
            result.Fault = EventFault.None;
        return read;
    }

    private bool TryReadId(ref JsonCursor cursor, bool isLeadId)
    {
        var first = cursor.PeekToken();
        if (first == 'n')
            return cursor.TryReadLiteral("null"u8);
        if (first != '"')
            return cursor.Fail(isLeadId ? BadRecordReason.InvalidLeadId : BadRecordReason.InvalidEventId);
        if (!cursor.TryReadString(out var text))
            return false;
        if (isLeadId)
            LeadId = text;
        else
            EventId = text;
        return true;
    }

    private bool TryReadTime(ref JsonCursor cursor)
    {
        var first = cursor.PeekToken();
        if (first == 'n')
            return cursor.TryReadLiteral("null"u8);
        HasOccurredAt = true;
        if (first == '"')
        {
            if (!cursor.TryReadString(out var token))
                return false;
            return (TryGetText(ref cursor, token, out var text) && TrySetTime(text.Span))
                || cursor.Fail(BadRecordReason.InvalidOccurredAt);
        }

        if (first != '-' && !char.IsAsciiDigit((char)first))
            return cursor.Fail(BadRecordReason.InvalidOccurredAt);
        if (!cursor.TryReadNumber(out var millis))
            return false;
        // A number that no calendar can hold is out of range like any other implausible time: counted, not refused.
        OccurredAtMicros = TryToMicros(millis, out var micros) ? micros : DecodedEvent.NoTime;
        return true;
    }

    private bool TrySetTime(ReadOnlySpan<byte> text)
    {
        var parsed = Rfc3339.TryParse(text, out var micros);
        OccurredAtMicros = micros;
        return parsed;
    }

    private bool HasRequired(ref DecodedEvent result)
    {
        for (var i = 0; i < _required.Length; i++)
        {
            var missing = _required[i] & ~_seen[i];
            if (missing == 0)
                continue;
            result.Reason = BadRecordReason.MissingFeature;
            result.FaultFeature = (i * 64) + System.Numerics.BitOperations.TrailingZeroCount(missing);
            return false;
        }

        return true;
    }

    private bool TryMarkSeen(int slot)
    {
        ref var word = ref _seen[slot / 64];
        var bit = 1UL << (slot % 64);
        var first = (word & bit) == 0;
        word |= bit;
        return first;
    }

    private static bool FailFeature(
        ref JsonCursor cursor, int slot, BadRecordReason reason, EventFault fault, ref DecodedEvent result)
    {
        result.FaultFeature = slot;
        result.Fault = fault;
        return cursor.Fail(reason);
    }

    private static bool TryToMicros(double millis, out long micros)
    {
        // 9999-12-31 in milliseconds: beyond it no calendar in use has a name for the day.
        var inRange = Math.Abs(millis) < 253_402_300_800_000;
        micros = inRange ? (long)Math.Round(millis * MicrosPerMilli) : 0;
        return inRange;
    }

    private static bool IsNotANumber(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("NaN"u8) || text.TrimStart("+-"u8).StartsWith("Inf"u8);
}
