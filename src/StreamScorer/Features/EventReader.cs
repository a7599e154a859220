using System.Runtime.CompilerServices;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>
/// Reads one event object into a feature row in a single pass over its bytes. Keeps what it read (where the ids and the
/// features' values stand) until the next event. One thread at a time; allocates only to grow its scratch buffer.
/// </summary>
/// <remarks>
/// The larger methods are kept from being inlined into each other: in one piece they exceed the compiler's budget, which
/// then leaves the smallest things as calls (constructors of spans), and an event takes a quarter longer.
/// </remarks>
internal sealed class EventReader
{
    private readonly FeatureColumn[] _columns;
    private readonly EventFields _fields;
    private readonly int _maxDepth;
    private readonly FieldPresence _presence;
    private readonly (int Start, int End)[] _values;
    private readonly int[] _timestamps;
    private readonly long[] _instants;
    private readonly TextUnescaper _texts = new();
    private readonly ExpectedFields _expected;

    private bool _nested;

    public EventReader(FeatureSchema schema, int maxDepth, FieldNaming naming = FieldNaming.Stream)
    {
        _fields = new EventFields(schema, naming);
        _maxDepth = maxDepth;
        _columns = [.. schema.Features.Select(feature => new FeatureColumn(feature))];
        _presence = new FieldPresence(schema, _fields.SlotCount);
        Own = new OwnFields(_texts);
        _values = new (int, int)[schema.Count];
        _timestamps = [.. schema.Features.Where(f => f.Kind == FeatureKind.Timestamp).Select(f => f.Index)];
        _instants = new long[schema.Count];
        _expected = new ExpectedFields(_fields, _columns, _presence, _values, Own);
    }

    /// <summary>The features in schema order.</summary>
    public ReadOnlySpan<FeatureColumn> Columns => _columns;

    /// <summary>The event's own fields, as far as it has them.</summary>
    public OwnFields Own { get; }

    /// <summary>Turns string tokens into texts; its scratch is the reader's too.</summary>
    public TextUnescaper Texts => _texts;

    /// <summary>
    /// Where set, faults of values are noted here and reading goes on behind them, so that a caller learns all of them at
    /// once; the row is of no use then. Null, the hot path's way: reading stops at the first fault.
    /// </summary>
    public List<FieldFault>? Faults { get; set; }

    /// <summary>Whether the object has the field that marks a CloudEvents envelope.</summary>
    public bool SawSpecVersion { get; private set; }

    /// <summary>Whether the event named the feature, with null or with a value.</summary>
    public bool Has(int feature) => _presence.Has(feature);

    /// <summary>Where in the event's bytes the value of a feature stands that <see cref="Has"/> affirms.</summary>
    public Range ValueOf(int feature) => _values[feature].Start.._values[feature].End;

    /// <summary>Reads a whole object with nothing behind it. On false the result holds reason, fault and offset.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryRead(Utf8Text json, Span<double> row, ref DecodedEvent result)
    {
        var cursor = new JsonCursor(json, _maxDepth);
        Begin(row);
        if (TryReadObject(ref cursor, 1, row, ref result) && cursor.AtEnd())
            return HasRequired(ref result);
        result.Reason = cursor.Fault;
        result.FaultOffset = cursor.Position;
        return false;
    }

    /// <summary>
    /// Reads one object of a larger document; the cursor stands behind it afterwards. On false the result holds reason and
    /// fault, and the cursor stands at the fault.
    /// </summary>
    /// <param name="cursor">Stands before the object.</param>
    /// <param name="depth">Open containers around the object's fields, the object itself counted.</param>
    /// <param name="row">Receives the features.</param>
    /// <param name="result">Receives everything else.</param>
    public bool TryRead(ref JsonCursor cursor, int depth, Span<double> row, ref DecodedEvent result)
    {
        Begin(row);
        if (TryReadObject(ref cursor, depth, row, ref result))
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

    private void Begin(Span<double> row)
    {
        row.Fill(double.NaN);
        _presence.Clear();
        Own.Clear();
        SawSpecVersion = false;
        _nested = false;
    }

    private bool TryReadObject(ref JsonCursor cursor, int depth, Span<double> row, ref DecodedEvent result)
    {
        if (cursor.PeekToken() != '{')
            return cursor.TrySkipValue(depth - 1) && (depth > 1 || cursor.AtEnd()) && cursor.Fail(BadRecordReason.NotAnObject);
        var slot = EventFields.Unknown;
        if (_nested || !_expected.TryRead(ref cursor, (byte)'{', row, ref slot, ref result))
        {
            cursor.Position++;
            if (cursor.PeekToken() == '}')
                return cursor.TryTake((byte)'}');
            if (!TryReadNextField(ref cursor, ref slot, depth, row, ref result))
                return false;
        }

        while (true)
        {
            if (!_nested)
                _expected.TryRead(ref cursor, (byte)',', row, ref slot, ref result);
            var next = cursor.PeekToken();
            if (next == '}')
                return cursor.TryTake((byte)'}');
            if (next != ',')
                return cursor.Fail();
            cursor.Position++;
            if (!TryReadNextField(ref cursor, ref slot, depth, row, ref result))
                return false;
        }
    }

    // Name and value of whatever field comes next.
    private bool TryReadNextField(ref JsonCursor cursor, ref int slot, int depth, Span<double> row, ref DecodedEvent result)
    {
        var quote = cursor.PeekToken();
        if (cursor.TryTakeBytes(_fields.ExpectedToken(slot)))
            slot = _fields.Expected(slot);
        else if (quote != '"')
            return cursor.Fail();
        else if (!TryReadName(ref cursor, ref slot))
            return false;
        var start = cursor.Position;
        return TryReadField(ref cursor, slot, depth, row, ref result) || TryPassFault(ref cursor, slot, start, depth, ref result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadName(ref JsonCursor cursor, ref int slot)
    {
        if (!cursor.TryReadString(out var name) || !cursor.TryTake((byte)':'))
            return false;
        slot = _texts.TryGet(ref cursor, name, out var text) ? _fields.Find(text, slot) : EventFields.Unknown;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadField(ref JsonCursor cursor, int slot, int depth, Span<double> row, ref DecodedEvent result)
    {
        if ((uint)slot >= (uint)_columns.Length)
            return TryReadOtherField(ref cursor, slot, depth, row, ref result);
        if (!_presence.TryMark(slot))
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
        if (!_texts.TryGet(ref cursor, token, out var text))
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
                return OwnFields.TryToMicros(number, out _instants[slot])
                    || FailFeature(ref cursor, slot, BadRecordReason.NumberOutOfRange, EventFault.None, ref result);
            default:
                return FailFeature(ref cursor, slot, BadRecordReason.WrongType, EventFault.FoundNumber, ref result);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadOtherField(ref JsonCursor cursor, int slot, int depth, Span<double> row, ref DecodedEvent result)
    {
        if (slot == EventFields.Unknown || slot == _fields.SpecVersion || _nested)
        {
            SawSpecVersion |= slot == _fields.SpecVersion;
            result.UnknownFields++;
            return cursor.PeekToken() != 0 ? cursor.TrySkipValue(depth) : cursor.Fail();
        }

        if (slot == _fields.NestedFeatures)
            return TryReadNestedFeatures(ref cursor, depth, row, ref result);

        var isLeadId = slot == _fields.LeadId;
        var isTime = slot == _fields.OccurredAt;
        result.Fault = isLeadId ? EventFault.LeadIdField : isTime ? EventFault.OccurredAtField : EventFault.EventIdField;
        if (!_presence.TryMark(slot))
            return cursor.Fail(BadRecordReason.DuplicateName);
        var read = isTime ? Own.TryReadTime(ref cursor) : Own.TryReadId(ref cursor, isLeadId);
        if (read)
            result.Fault = EventFault.None;
        return read;
    }

    private bool TryReadNestedFeatures(ref JsonCursor cursor, int depth, Span<double> row, ref DecodedEvent result)
    {
        result.Fault = EventFault.NestedFeatures;
        if (!_presence.TryMark(_fields.NestedFeatures))
            return cursor.Fail(BadRecordReason.DuplicateName);
        if (cursor.PeekToken() == 'n')
            return cursor.TryReadLiteral("null"u8);
        if (cursor.PeekToken() != '{')
            return cursor.Fail(BadRecordReason.WrongType);
        result.Fault = EventFault.None;
        _nested = true;
        var read = TryReadObject(ref cursor, depth + 1, row, ref result);
        _nested = false;
        return read;
    }

    // A value that is grammatical and wrong can be passed over; broken grammar cannot.
    private bool TryPassFault(ref JsonCursor cursor, int slot, int start, int depth, ref DecodedEvent result)
    {
        if (Faults is null || cursor.Fault is BadRecordReason.InvalidJson or BadRecordReason.TooDeep)
            return false;
        Faults.Add(new FieldFault(slot < _fields.FeatureCount ? slot : -1, cursor.Fault, result.Fault, _nested));
        result.Fault = EventFault.None;
        result.FaultFeature = -1;
        cursor.Fault = BadRecordReason.None;
        cursor.Position = start;
        return cursor.TrySkipValue(depth);
    }

    private bool HasRequired(ref DecodedEvent result)
    {
        if (Faults is not null)
        {
            foreach (var column in _columns)
                if (column.Definition.Required && !_presence.Has(column.Definition.Index))
                    Faults.Add(new FieldFault(column.Definition.Index, BadRecordReason.MissingFeature, EventFault.None, false));
            return true;
        }

        var missing = _presence.FirstMissing();
        if (missing < 0)
            return true;
        result.Reason = BadRecordReason.MissingFeature;
        result.FaultFeature = missing;
        return false;
    }

    private static bool FailFeature(
        ref JsonCursor cursor, int slot, BadRecordReason reason, EventFault fault, ref DecodedEvent result)
    {
        result.FaultFeature = slot;
        result.Fault = fault;
        return cursor.Fail(reason);
    }

    private static bool IsNotANumber(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("NaN"u8) || text.TrimStart("+-"u8).StartsWith("Inf"u8);
}

/// <summary>What is wrong with one field of an object that was read on past its faults.</summary>
/// <param name="Feature">The feature, as an index in the schema; -1 for the object's own fields.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Fault">Which of the object's own fields, or what type was found.</param>
/// <param name="Nested">Whether it stood among the nested features.</param>
internal readonly record struct FieldFault(int Feature, BadRecordReason Reason, EventFault Fault, bool Nested);
