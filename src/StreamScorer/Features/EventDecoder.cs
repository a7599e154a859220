using System.Buffers;
using System.Text.Unicode;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>
/// Turns one Kafka record into a feature row by the event contract, straight from its bytes: names and categories are
/// looked up as UTF-8 and nothing is allocated for a good event. Plain events and CloudEvents envelopes (structured mode)
/// are told apart by themselves; binary mode hands its headers over as <see cref="EventAttributes"/>. Reuses its scratch
/// buffers: one decoder per thread.
/// </summary>
public sealed class EventDecoder
{
    private readonly EventDecoderOptions _options;
    private readonly EventReader _reader;
    private readonly EventRules _rules;
    private readonly BadRecordText _text;
    private readonly double[] _features; // What AppendFeaturesJson reads an event into.

    /// <summary>A decoder for events of a model's schema.</summary>
    /// <param name="schema">Features, null tokens and categories.</param>
    /// <param name="options">Bounds; null takes the defaults.</param>
    /// <param name="clock">Tells which event times lie too far ahead; null takes the system's.</param>
    public EventDecoder(FeatureSchema schema, EventDecoderOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _options = options ?? new EventDecoderOptions();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.MaxDepth, 64, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxDepth, 1, nameof(options));
        _rules = new EventRules(_options, clock ?? TimeProvider.System);
        _reader = new EventReader(schema, _options.MaxDepth);
        _text = new BadRecordText(schema, _options);
        _features = new double[schema.Count];
    }

    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, bool, ReadOnlySpan{byte}, bool, in EventAttributes, Span{double}, Utf8Arena, ref DecodedEvent)"/>
    public RecordKind Decode(
        ReadOnlySpan<byte> key, bool keyIsNull, ReadOnlySpan<byte> value, bool valueIsNull,
        Span<double> row, Utf8Arena arena, ref DecodedEvent result) =>
        Decode(key, keyIsNull, value, valueIsNull, default, row, arena, ref result);

    /// <summary>Decodes one record. Never throws for anything that stands in the record.</summary>
    /// <param name="key">The record's key, UTF-8: the lead id where the event has none.</param>
    /// <param name="keyIsNull">Whether the record has no key; an empty one counts as none.</param>
    /// <param name="value">The record's value.</param>
    /// <param name="valueIsNull">Whether the record has no value; an empty one counts as none.</param>
    /// <param name="attributes">What CloudEvents headers say; default where there are none.</param>
    /// <param name="row">Receives the features, schema count doubles. Undefined unless the answer is Event.</param>
    /// <param name="arena">Receives lead id and event id, unescaped; nothing for a bad record.</param>
    /// <param name="result">Receives everything else; overwritten.</param>
    /// <returns>What <see cref="DecodedEvent.Kind"/> says too.</returns>
    public RecordKind Decode(
        ReadOnlySpan<byte> key, bool keyIsNull, ReadOnlySpan<byte> value, bool valueIsNull,
        in EventAttributes attributes, Span<double> row, Utf8Arena arena, ref DecodedEvent result) =>
        Decode(key, keyIsNull, Utf8Text.Whole(value), valueIsNull, attributes, row, arena, ref result);

    /// <summary>The same for a value in a larger buffer, whose last fields are read as fast as the others then.</summary>
    internal RecordKind Decode(
        ReadOnlySpan<byte> key, bool keyIsNull, Utf8Text value, bool valueIsNull,
        in EventAttributes attributes, Span<double> row, Utf8Arena arena, ref DecodedEvent result)
    {
        ArgumentNullException.ThrowIfNull(arena);
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, _features.Length, nameof(row));
        var keyMissing = keyIsNull || key.IsEmpty;
        result.Reset(keyMissing);
        if (valueIsNull || value.Length == 0)
            return SetTombstone(key, keyMissing, arena, ref result);

        // Nothing is appended to the arena before the record is known to be good, except below, where it is undone.
        var arenaLength = arena.LengthBytes;
        if (TryReadRecord(key, value, attributes, row, arena, ref result))
            return result.Kind = RecordKind.Event;
        arena.Truncate(arenaLength);
        result.LeadId = Utf8Slice.Null;
        result.EventId = Utf8Slice.Null;
        return result.Kind = RecordKind.Bad;
    }

    /// <summary>
    /// One sentence that says what is wrong with a bad record: names the field and the rule, never the value, because
    /// dead letters are read by more people than events.
    /// </summary>
    public string Describe(in DecodedEvent bad) => _text.Describe(bad);

    /// <summary>
    /// Appends the model's features of a good event as one JSON object by stream name, in schema order, fit for jsonb:
    /// features that the event does not name are left out, null tokens become null, unknown fields are gone. Writes
    /// <c>{}</c> for a value that is no good event.
    /// </summary>
    public void AppendFeaturesJson(ReadOnlySpan<byte> value, IBufferWriter<byte> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (value.Length <= _options.MaxValueBytes && Utf8.IsValid(value))
            AppendFeaturesJson(Utf8Text.Whole(value), json);
        else
            FeaturesJson.Append(_reader, read: false, value, _features, json);
    }

    /// <summary>The same for a value in a larger buffer that was decoded before: its length and its UTF-8 are good.</summary>
    internal void AppendFeaturesJson(Utf8Text value, IBufferWriter<byte> json)
    {
        var result = default(DecodedEvent);
        result.Reset(keyMissing: false);
        var read = TryReadEvent(value, _features, ref result, out var plain, out _);
        FeaturesJson.Append(_reader, read, plain, _features, json);
    }

    private RecordKind SetTombstone(ReadOnlySpan<byte> key, bool keyMissing, Utf8Arena arena, ref DecodedEvent result)
    {
        if (!keyMissing && _rules.IsLeadId(key) && Utf8.IsValid(key))
            result.LeadId = arena.Append(key);
        return result.Kind = RecordKind.Tombstone;
    }

    private bool TryReadRecord(
        ReadOnlySpan<byte> key, Utf8Text text, in EventAttributes attributes, Span<double> row, Utf8Arena arena,
        ref DecodedEvent result)
    {
        var value = text.Span;
        if (value.Length > _options.MaxValueBytes)
            return Fail(BadRecordReason.TooLarge, EventFault.None, ref result);
        if (!Utf8.IsValid(value))
            return Fail(BadRecordReason.InvalidUtf8, EventFault.None, ref result);
        if (!TryReadEvent(text, row, ref result, out var json, out var envelope))
            return false;
        if (!TryAppendLeadId(key, json, arena, ref result))
            return false;
        if (!TryAppendEventId(value, json, envelope, attributes, arena, ref result))
            return false;
        if (!TrySetTime(value, envelope, attributes, ref result))
            return false;
        _reader.SetAges(row, result.OccurredAtMicros);
        return true;
    }

    // Reads the value as a plain event; where that fails, or the mark of an envelope was seen, as an envelope around one.
    private bool TryReadEvent(
        Utf8Text value, Span<double> row, scoped ref DecodedEvent result, out ReadOnlySpan<byte> json,
        out CloudEventEnvelope envelope)
    {
        json = value.Span;
        envelope = default;
        var read = _reader.TryRead(value, row, ref result);
        if (read && !_reader.SawSpecVersion)
            return true;
        if (!CloudEventEnvelope.TryRead(json, _options.MaxDepth, out envelope))
            return read;
        json = envelope.Data;
        result.Reset(result.KeyMissing);
        if (json.IsEmpty || json[0] != '{')
            return Fail(BadRecordReason.InvalidEnvelope, EventFault.None, ref result);
        return _reader.TryRead(Utf8Text.Whole(json), row, ref result);
    }

    private bool TryAppendLeadId(ReadOnlySpan<byte> key, ReadOnlySpan<byte> json, Utf8Arena arena, ref DecodedEvent result)
    {
        if (_reader.Own.LeadId is { } token)
        {
            if (!_reader.Texts.TryGet(json.Slice(token.Start, token.Length), token.Escaped, out var text) || !_rules.IsLeadId(text))
                return Fail(BadRecordReason.InvalidLeadId, EventFault.LeadIdField, ref result);
            result.LeadId = arena.Append(text);
            return true;
        }

        if (result.KeyMissing)
            return Fail(BadRecordReason.MissingLeadId, EventFault.None, ref result);
        if (!Utf8.IsValid(key) || !_rules.IsLeadId(key))
            return Fail(BadRecordReason.InvalidLeadId, EventFault.Key, ref result);
        result.LeadId = arena.Append(key);
        return true;
    }

    private bool TryAppendEventId(
        ReadOnlySpan<byte> value, ReadOnlySpan<byte> json, in CloudEventEnvelope envelope, in EventAttributes attributes,
        Utf8Arena arena, ref DecodedEvent result)
    {
        var token = _reader.Own.EventId ?? envelope.Id;
        var source = _reader.Own.EventId is null ? value : json;
        var text = attributes.EventId;
        if (token is { } found && !_reader.Texts.TryGet(source.Slice(found.Start, found.Length), found.Escaped, out text))
            return Fail(BadRecordReason.InvalidEventId, EventFault.EventIdField, ref result);
        if (token is null && text.IsEmpty)
            return true;
        if (text.Contains((byte)0) || (token is null && !Utf8.IsValid(text)))
            return Fail(BadRecordReason.InvalidEventId, EventFault.EventIdField, ref result);
        result.EventId = arena.Append(text);
        return true;
    }

    private bool TrySetTime(
        ReadOnlySpan<byte> value, in CloudEventEnvelope envelope, in EventAttributes attributes, ref DecodedEvent result)
    {
        var micros = _reader.Own.OccurredAtMicros;
        if (!_reader.Own.HasOccurredAt)
        {
            var text = attributes.OccurredAt;
            if (envelope.Time is { } token && !_reader.Texts.TryGet(value.Slice(token.Start, token.Length), token.Escaped, out text))
                return Fail(BadRecordReason.InvalidOccurredAt, EventFault.OccurredAtField, ref result);
            if (text.IsEmpty && envelope.Time is null)
                return true;
            if (!Rfc3339.TryParse(text, out micros))
                return Fail(BadRecordReason.InvalidOccurredAt, EventFault.OccurredAtField, ref result);
        }

        result.OccurredAtOutOfRange = !_rules.IsPlausible(micros);
        if (!result.OccurredAtOutOfRange)
            result.OccurredAtMicros = micros;
        return true;
    }

    private static bool Fail(BadRecordReason reason, EventFault fault, ref DecodedEvent result)
    {
        result.Reason = reason;
        result.Fault = fault;
        return false;
    }
}
