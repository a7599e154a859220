namespace StreamScorer.Forests;

/// <summary>The rules that features' names keep, whoever makes the schema.</summary>
internal static class SchemaNames
{
    // Names the event contract reserves: a feature of that name could never be told from the envelope's own field.
    private static readonly string[] Reserved = ["leadId", "eventId", "occurredAt"];

    /// <exception cref="ForestException">A name is empty, occurs twice or is reserved.</exception>
    public static void Check(IReadOnlyList<FeatureSpec> specs)
    {
        CheckDistinct(specs, "name", spec => spec.Name);
        CheckDistinct(specs, "stream name", spec => spec.StreamName);
        CheckDistinct(specs, "API name", spec => spec.ApiName);
        foreach (var spec in specs)
        {
            if (Reserved.Contains(spec.StreamName))
            {
                throw new ForestException(
                    $"Feature '{spec.Name}': the stream name '{spec.StreamName}' is the event's own; choose another.");
            }
        }
    }

    private static void CheckDistinct(IReadOnlyList<FeatureSpec> specs, string what, Func<FeatureSpec, string> of)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            var name = of(spec);
            if (string.IsNullOrEmpty(name))
                throw new ForestException($"Feature '{spec.Name}' has an empty {what}.");
            if (!owners.TryAdd(name, spec.Name))
                throw new ForestException(
                    $"Features '{owners[name]}' and '{spec.Name}' share the {what} '{name}': rename one.");
        }
    }
}
