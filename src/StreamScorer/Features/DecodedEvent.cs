namespace StreamScorer.Features;

/// <summary>What a record turned out to be.</summary>
public enum RecordKind
{
    /// <summary>A lead event; its feature row is filled.</summary>
    Event,

    /// <summary>A record with an empty value: a privacy deletion marker, which has no score.</summary>
    Tombstone,

    /// <summary>A record that can never be scored: a dead letter.</summary>
    Bad,
}

/// <summary>
/// The outcome of decoding one record. Slices point into the arena that was handed to the decoder. A struct that the
/// caller keeps in an array and the decoder fills in place.
/// </summary>
public struct DecodedEvent
{
    /// <summary>The value of <see cref="OccurredAtMicros"/> where the event has no usable time.</summary>
    public const long NoTime = long.MinValue;

    /// <summary>Event, tombstone or bad.</summary>
    public RecordKind Kind;

    /// <summary>Why the record is bad; None for the others.</summary>
    public BadRecordReason Reason;

    /// <summary>The feature that a bad record failed on, as an index in the schema; -1 where it was none.</summary>
    public int FaultFeature;

    /// <summary>What stood at the fault: which of the record's own fields it was, or what type the value had.</summary>
    public EventFault Fault;

    /// <summary>Byte offset in the value where decoding stopped; -1 where no single place is at fault.</summary>
    public int FaultOffset;

    /// <summary>The lead's id, unescaped; from the event or, where that has none, from the key. Null when bad.</summary>
    public Utf8Slice LeadId;

    /// <summary>The event's id, unescaped; null where it has none.</summary>
    public Utf8Slice EventId;

    /// <summary>Event time in microseconds since 1970 UTC; <see cref="NoTime"/> where absent, null or out of range.</summary>
    public long OccurredAtMicros;

    /// <summary>How many of the event's fields are neither features nor known names.</summary>
    public int UnknownFields;

    /// <summary>How many categories the training never saw; they went to the rare bucket.</summary>
    public int UnseenCategories;

    /// <summary>Whether the event time was given but lies before 2000 or more than a day ahead.</summary>
    public bool OccurredAtOutOfRange;

    /// <summary>Whether the record had no key, so that its partition says nothing about the lead.</summary>
    public bool KeyMissing;

    /// <summary>Sets everything to what holds before the first byte is read.</summary>
    internal void Reset(bool keyMissing)
    {
        this = default;
        FaultFeature = -1;
        FaultOffset = -1;
        LeadId = Utf8Slice.Null;
        EventId = Utf8Slice.Null;
        OccurredAtMicros = NoTime;
        KeyMissing = keyMissing;
    }
}

/// <summary>The second half of a bad record's reason, from which <see cref="EventDecoder.Describe"/> makes its sentence.</summary>
public enum EventFault : byte
{
    /// <summary>The reason says it all.</summary>
    None,

    /// <summary>The field <c>leadId</c>.</summary>
    LeadIdField,

    /// <summary>The record's key, used because the event has no <c>leadId</c>.</summary>
    Key,

    /// <summary>The field <c>eventId</c>.</summary>
    EventIdField,

    /// <summary>The field <c>occurredAt</c>.</summary>
    OccurredAtField,

    /// <summary>The field of the API whose object holds features too.</summary>
    NestedFeatures,

    /// <summary>A string stood where another type is wanted.</summary>
    FoundString,

    /// <summary>A number stood where another type is wanted.</summary>
    FoundNumber,

    /// <summary>true or false stood where another type is wanted.</summary>
    FoundBoolean,

    /// <summary>An array or object stood where a plain value is wanted.</summary>
    FoundStructure,
}
