using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>Sentences about bad records. They name fields of the contract and of the schema, and nothing from the record.</summary>
internal sealed class BadRecordText(FeatureSchema schema, EventDecoderOptions options)
{
    public string Describe(in DecodedEvent bad)
    {
        var sentence = bad.FaultFeature >= 0 ? DescribeFeature(bad) : DescribeRecord(bad);
        return bad.FaultOffset < 0
            ? sentence + "."
            : string.Create(CultureInfo.InvariantCulture, $"{sentence} (at byte {bad.FaultOffset}).");
    }

    private string DescribeFeature(in DecodedEvent bad)
    {
        var feature = schema.Features[bad.FaultFeature];
        return bad.Reason switch
        {
            BadRecordReason.MissingFeature => $"The required feature {feature.StreamName} is absent; an explicit null is allowed",
            BadRecordReason.DuplicateName => $"The feature {feature.StreamName} occurs twice",
            BadRecordReason.NotANumber => $"The feature {feature.StreamName} is NaN or infinite; send null for an unknown number",
            BadRecordReason.NumberOutOfRange => $"The feature {feature.StreamName} is a number beyond what it can hold",
            BadRecordReason.InvalidUtf8 => $"The feature {feature.StreamName} has half of a surrogate pair in its text",
            _ => $"The feature {feature.StreamName} takes {FaultWords.Wanted(feature.Kind)} or null, not {FaultWords.Found(bad.Fault)}",
        };
    }

    private string DescribeRecord(in DecodedEvent bad) => bad.Reason switch
    {
        BadRecordReason.TooLarge => string.Create(CultureInfo.InvariantCulture, $"The value is longer than {options.MaxValueBytes:N0} bytes"),
        BadRecordReason.InvalidUtf8 => "The value is not valid UTF-8",
        BadRecordReason.InvalidJson => "The value is not valid JSON",
        BadRecordReason.NotAnObject => "The value is JSON, but not an object",
        BadRecordReason.TooDeep => $"The value is nested deeper than {options.MaxDepth} levels",
        BadRecordReason.MissingLeadId => "The event has no leadId and the record no key",
        BadRecordReason.InvalidLeadId => $"{(bad.Fault == EventFault.Key ? "The record's key" : "leadId")} "
            + $"must be text of 1 to {options.MaxLeadIdChars} characters without U+0000",
        BadRecordReason.InvalidEventId => "eventId must be text without U+0000",
        BadRecordReason.InvalidOccurredAt => "occurredAt must be an RFC 3339 date and time or milliseconds since 1970",
        BadRecordReason.DuplicateName => $"{FieldName(bad.Fault)} occurs twice",
        BadRecordReason.InvalidEnvelope => "The CloudEvents envelope carries no JSON object as its data",
        _ => "The record is not bad",
    };

    private static string FieldName(EventFault fault) => fault switch
    {
        EventFault.LeadIdField => "leadId",
        EventFault.EventIdField => "eventId",
        _ => "occurredAt",
    };
}
