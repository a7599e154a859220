namespace StreamScorer.Scoring;

/// <summary>
/// A lead as a program hands it over: features by stream name. For single predictions; the stream itself goes from bytes
/// to rows without this class.
/// </summary>
public sealed class LeadEvent
{
    /// <summary>Whose event it is; scoring does not look at it.</summary>
    public string? LeadId { get; init; }

    /// <summary>When it happened: timestamp features count as their age at this time, and as missing without it.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>
    /// Values by stream name: any .NET number for numeric features, string for categorical ones, bool for boolean ones,
    /// DateTimeOffset for timestamps, null for a missing value. Names that the model does not know are ignored.
    /// </summary>
    public IDictionary<string, object?> Features { get; init; } = new Dictionary<string, object?>(StringComparer.Ordinal);
}
