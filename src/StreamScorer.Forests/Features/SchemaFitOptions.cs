namespace StreamScorer.Forests;

/// <summary>How <see cref="FeatureSchema.Fit"/> learns dictionaries and null handling.</summary>
public sealed record SchemaFitOptions
{
    /// <summary>Texts that mean "no value" for features whose spec names none. A null cell is always missing.</summary>
    public IReadOnlyList<string> NullTokens { get; init; } = ["", "Select"];

    /// <summary>A category seen in fewer training rows than this goes to the rare bucket. At least 1.</summary>
    public int MinCategoryRows { get; init; } = 3;

    /// <summary>Most codes a feature may have, rare bucket included; the commonest categories win. 2 to 65,535.</summary>
    public int MaxCategories { get; init; } = 254;

    /// <summary>
    /// Column with the event's own time, needed when a feature is a timestamp: its value is its age at that time.
    /// </summary>
    public string? EventTimeColumn { get; init; }
}
