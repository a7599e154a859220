namespace StreamScorer.Features;

/// <summary>
/// Why a record can never be scored. The names are tags in metrics and the exception class name in the dead letter's
/// headers, so they are never renamed.
/// </summary>
public enum BadRecordReason
{
    /// <summary>The record is not bad.</summary>
    None,

    /// <summary>The value is longer than <see cref="EventDecoderOptions.MaxValueBytes"/>.</summary>
    TooLarge,

    /// <summary>The value is not UTF-8, or a text that is needed has half of a surrogate pair as an escape.</summary>
    InvalidUtf8,

    /// <summary>The value breaks the JSON grammar (RFC 8259), or something follows the object.</summary>
    InvalidJson,

    /// <summary>The value is JSON but not an object.</summary>
    NotAnObject,

    /// <summary>Arrays and objects are nested deeper than <see cref="EventDecoderOptions.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>Neither the event nor the key names the lead.</summary>
    MissingLeadId,

    /// <summary>The lead id is not a string of 1 to 128 characters without U+0000.</summary>
    InvalidLeadId,

    /// <summary>The event id is not a string, or has U+0000 in it.</summary>
    InvalidEventId,

    /// <summary>The event time is neither an RFC 3339 date and time nor a number of milliseconds since 1970.</summary>
    InvalidOccurredAt,

    /// <summary>The event lacks the name of a feature that the model requires.</summary>
    MissingFeature,

    /// <summary>A feature's value has a type that the feature does not take.</summary>
    WrongType,

    /// <summary>A numeric feature's value is the text NaN or Infinity.</summary>
    NotANumber,

    /// <summary>A number is beyond the range of a double.</summary>
    NumberOutOfRange,

    /// <summary>A feature, leadId, eventId or occurredAt occurs twice.</summary>
    DuplicateName,

    /// <summary>The value is a CloudEvents envelope whose data is not a JSON object.</summary>
    InvalidEnvelope,
}
