using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>Words for the faults of a scoring request, in the API's names.</summary>
internal static class RequestFaultText
{
    /// <summary>A field of a lead is wrong.</summary>
    /// <param name="schema">Names the features.</param>
    /// <param name="lead">JSON path of the lead.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static RequestFault Field(FeatureSchema schema, string lead, FieldFault fault)
    {
        if (fault.Feature < 0)
            return OwnField(lead, fault);
        var feature = schema.Features[fault.Feature];
        var path = lead + (fault.Nested ? "." + EventFields.NestedFeaturesName : "") + Step(feature.ApiName);
        var detail = fault.Reason switch
        {
            BadRecordReason.MissingFeature => "This feature is required; an explicit null is allowed.",
            BadRecordReason.DuplicateName => "The name occurs twice.",
            BadRecordReason.NotANumber => "The number is NaN or infinite; send null for an unknown number.",
            BadRecordReason.NumberOutOfRange => "The number is beyond what the feature can hold.",
            BadRecordReason.InvalidUtf8 => "The text has half of a surrogate pair in it.",
            _ => $"Takes {FaultWords.Wanted(feature.Kind)} or null, not {FaultWords.Found(fault.Fault)}.",
        };
        return new RequestFault(RequestFaultKind.Value, path, Code(fault.Reason), detail);
    }

    /// <summary>The grammar is broken.</summary>
    /// <param name="path">JSON path of the innermost value that reading had come to.</param>
    /// <param name="reason">InvalidJson, TooDeep, InvalidUtf8 or NotAnObject.</param>
    /// <param name="position">Byte offset in the body.</param>
    public static RequestFault Malformed(string path, BadRecordReason reason, int position)
    {
        var detail = reason switch
        {
            BadRecordReason.TooDeep => "The document is nested too deep",
            BadRecordReason.InvalidUtf8 => "The body is not valid UTF-8",
            BadRecordReason.NotAnObject => "A JSON object is wanted here",
            _ => "The body is not valid JSON",
        };
        return new RequestFault(RequestFaultKind.Malformed, path, Code(reason),
            position < 0 ? detail + "." : string.Create(CultureInfo.InvariantCulture, $"{detail} (at byte {position})."));
    }

    /// <summary>A value of the request itself is not allowed.</summary>
    public static RequestFault Value(string path, string code, string detail) => new(RequestFaultKind.Value, path, code, detail);

    /// <summary>One step of a JSON path: a plain name after a dot, any other quoted in brackets.</summary>
    public static string Step(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            ? "." + name
            : $"['{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}']";

    private static RequestFault OwnField(string lead, FieldFault fault)
    {
        var (name, rule) = fault.Fault switch
        {
            EventFault.LeadIdField => ("lead_id", "Takes text of 1 to 128 characters without U+0000, or null."),
            EventFault.EventIdField => ("event_id", "Takes text without U+0000, or null."),
            EventFault.OccurredAtField => ("occurred_at", "Takes an RFC 3339 date and time or milliseconds since 1970, or null."),
            _ => (EventFields.NestedFeaturesName, "Takes an object of features, or null."),
        };
        return Value($"{lead}.{name}", Code(fault.Reason), fault.Reason == BadRecordReason.DuplicateName ? "The name occurs twice." : rule);
    }

    /// <summary>A reason as programs read it: <c>WrongType</c> becomes <c>wrong_type</c>.</summary>
    internal static string Code(BadRecordReason reason) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}
