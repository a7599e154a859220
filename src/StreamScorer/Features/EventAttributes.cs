namespace StreamScorer.Features;

/// <summary>
/// What a CloudEvents envelope says about the event beside its data: in binary mode the record's headers
/// <c>ce_id</c> and <c>ce_time</c>. The event's own fields win over them. Empty spans mean absent.
/// </summary>
public readonly ref struct EventAttributes
{
    /// <summary>UTF-8 of <c>ce_id</c>, which stands in for <c>eventId</c>.</summary>
    public ReadOnlySpan<byte> EventId { get; init; }

    /// <summary>UTF-8 of <c>ce_time</c> (RFC 3339), which stands in for <c>occurredAt</c>.</summary>
    public ReadOnlySpan<byte> OccurredAt { get; init; }
}
