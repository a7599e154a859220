using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>Words about types that faults of events and of requests have in common.</summary>
internal static class FaultWords
{
    /// <summary>What a feature takes, beside null.</summary>
    public static string Wanted(FeatureKind kind) => kind switch
    {
        FeatureKind.Numeric => "a number",
        FeatureKind.Categorical => "a string",
        FeatureKind.Boolean => "true, false",
        _ => "an RFC 3339 time, milliseconds since 1970",
    };

    /// <summary>What it was given instead.</summary>
    public static string Found(EventFault fault) => fault switch
    {
        EventFault.FoundString => "such a string",
        EventFault.FoundNumber => "a number",
        EventFault.FoundBoolean => "true or false",
        _ => "an array or object",
    };
}
