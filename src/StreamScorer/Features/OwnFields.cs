using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>The event's own fields: whose it is, which it is, and when it happened. Reused from event to event.</summary>
internal sealed class OwnFields(TextUnescaper texts)
{
    private const double MicrosPerMilli = 1000;

    /// <summary>The token of <c>leadId</c>; null where it is absent or null.</summary>
    public JsonText? LeadId { get; private set; }

    /// <summary>The token of <c>eventId</c>; null where it is absent or null.</summary>
    public JsonText? EventId { get; private set; }

    /// <summary>Whether the event gave a time, in range or not.</summary>
    public bool HasOccurredAt { get; private set; }

    /// <summary>Event time in microseconds since 1970, not yet checked for plausibility.</summary>
    public long OccurredAtMicros { get; private set; }

    /// <summary>Forgets the last event.</summary>
    public void Clear()
    {
        LeadId = null;
        EventId = null;
        HasOccurredAt = false;
    }

    /// <summary>Reads the value of <c>leadId</c> or <c>eventId</c>: a string or null.</summary>
    public bool TryReadId(ref JsonCursor cursor, bool isLeadId)
    {
        var first = cursor.PeekToken();
        if (first == 'n')
            return cursor.TryReadLiteral("null"u8);
        if (first != '"')
            return cursor.Fail(isLeadId ? BadRecordReason.InvalidLeadId : BadRecordReason.InvalidEventId);
        if (!cursor.TryReadString(out var text))
            return false;
        SetId(text, isLeadId);
        return true;
    }

    /// <summary>Notes the token of <c>leadId</c> or <c>eventId</c>.</summary>
    public void SetId(JsonText text, bool isLeadId)
    {
        if (isLeadId)
            LeadId = text;
        else
            EventId = text;
    }

    /// <summary>Notes <c>occurredAt</c> in milliseconds since 1970.</summary>
    public void SetTime(double millis)
    {
        HasOccurredAt = true;
        // A number that no calendar can hold is out of range like any other implausible time: counted, not refused.
        OccurredAtMicros = TryToMicros(millis, out var micros) ? micros : DecodedEvent.NoTime;
    }

    /// <summary>Reads the value of <c>occurredAt</c>: RFC 3339, milliseconds since 1970, or null.</summary>
    public bool TryReadTime(ref JsonCursor cursor)
    {
        var first = cursor.PeekToken();
        if (first == 'n')
            return cursor.TryReadLiteral("null"u8);
        HasOccurredAt = true;
        if (first == '"')
        {
            if (!cursor.TryReadString(out var token))
                return false;
            return (texts.TryGet(ref cursor, token, out var text) && TrySetTime(text.Span))
                || cursor.Fail(BadRecordReason.InvalidOccurredAt);
        }

        if (first != '-' && !char.IsAsciiDigit((char)first))
            return cursor.Fail(BadRecordReason.InvalidOccurredAt);
        if (!cursor.TryReadNumber(out var millis))
            return false;
        SetTime(millis);
        return true;
    }

    /// <summary>Milliseconds since 1970 as microseconds; false beyond the years that a calendar has names for (9999).</summary>
    public static bool TryToMicros(double millis, out long micros)
    {
        var inRange = Math.Abs(millis) < 253_402_300_800_000;
        micros = inRange ? (long)Math.Round(millis * MicrosPerMilli) : 0;
        return inRange;
    }

    private bool TrySetTime(ReadOnlySpan<byte> text)
    {
        var parsed = Rfc3339.TryParse(text, out var micros);
        OccurredAtMicros = micros;
        return parsed;
    }
}
