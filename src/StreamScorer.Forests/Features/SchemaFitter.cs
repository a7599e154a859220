namespace StreamScorer.Forests;

/// <summary>Learns a <see cref="FeatureSchema"/> from training cells, one column at a time.</summary>
internal sealed class SchemaFitter(IReadOnlyList<FeatureSpec> specs, RawTable table, SchemaFitOptions options)
{
    private readonly CellBuffer _buffer = new();

    public FeatureSchema Fit(string name)
    {
        CheckSpecs();
        var eventTimes = options.EventTimeColumn is null ? null : CellEncoder.ReadEventTimes(table, options.EventTimeColumn);
        var features = new Feature[specs.Count];
        for (var i = 0; i < specs.Count; i++)
            features[i] = FitFeature(i, specs[i], eventTimes);
        var hasTimestamps = Array.Exists(features, feature => feature.Kind == FeatureKind.Timestamp);
        return new FeatureSchema(name, features, hasTimestamps ? options.EventTimeColumn : null);
    }

    private void CheckSpecs()
    {
        if (specs.Count is 0 or > FeatureSchema.MostFeatures)
            throw new ForestException($"A schema has 1 to {FeatureSchema.MostFeatures} features, not {specs.Count}.");
        if (options.MinCategoryRows < 1 || options.MaxCategories is < 2 or > FeatureSchema.MostCategories)
            throw new ForestException("MinCategoryRows must be at least 1 and MaxCategories between 2 and 65,535.");
        SchemaNames.Check(specs);
        foreach (var spec in specs)
            CheckEdges(spec);
    }

    private static void CheckEdges(FeatureSpec spec)
    {
        var edges = spec.BucketEdges ?? [];
        for (var i = 0; i < edges.Count; i++)
        {
            if (!double.IsFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1]))
                throw new ForestException($"Feature '{spec.Name}': bucket edges must be finite and ascending.");
        }
    }

    private Feature FitFeature(int index, FeatureSpec spec, long[]? eventTimes)
    {
        var cells = table.Column(spec.ColumnName);
        IReadOnlyList<string> nullTokens = [.. (spec.NullTokens ?? options.NullTokens).Distinct(StringComparer.Ordinal)];
        var nullSet = nullTokens.ToHashSet(StringComparer.Ordinal);
        var present = Array.FindAll(cells, cell => cell is not null && !nullSet.Contains(cell));
        var kind = spec.Kind ?? InferKind(present!);
        var required = spec.Required ?? (cells.Length - present.Length) * 2 < cells.Length;
        if (kind != FeatureKind.Numeric && spec.BucketEdges is { Count: > 0 })
            throw new ForestException(
                $"Feature '{spec.Name}' has bucket edges but is {kind}: only numeric features are bucketised.");
        if (kind == FeatureKind.Timestamp && eventTimes is null)
            throw new ForestException(
                $"Feature '{spec.Name}' is a timestamp, whose value is its age at the event: name the column that holds the "
                + "event's own time too.");

        IReadOnlyList<string> categories = kind == FeatureKind.Categorical ? Dictionary(present!) : [];
        var draft = new Feature(index, spec, kind, required, 0, nullTokens, categories);
        var imputed = kind == FeatureKind.Categorical ? CommonestCode(draft, present!) : Median(draft, cells, eventTimes);
        return new Feature(index, spec, kind, required, imputed, nullTokens, categories);
    }

    private FeatureKind InferKind(string[] present)
    {
        // A column without a single value has nothing to infer from; numeric accepts what a producer may send one day.
        if (Array.TrueForAll(present, cell => Feature.TryParseNumber(_buffer.Utf8(cell), out _)))
            return FeatureKind.Numeric;
        return Array.TrueForAll(present, cell => cell is "true" or "false" or "True" or "False" or "TRUE" or "FALSE")
            ? FeatureKind.Boolean
            : FeatureKind.Categorical;
    }

    // Codes in ordinal order of the texts, so that neither row order nor ties between counts move them.
    private string[] Dictionary(string[] present)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var cell in present)
            counts[cell] = counts.GetValueOrDefault(cell) + 1;
        var kept = counts.Where(pair => pair.Value >= options.MinCategoryRows)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(options.MaxCategories - 1)
            .Select(pair => pair.Key)
            .Order(StringComparer.Ordinal);
        return [Feature.RareName, .. kept];
    }

    private double CommonestCode(Feature feature, string[] present)
    {
        var counts = new int[feature.CategoryCount];
        foreach (var cell in present)
        {
            feature.TryGetCategory(_buffer.Utf8(cell), out var code);
            counts[code]++;
        }

        return Array.IndexOf(counts, counts.Max());
    }

    // Lower median: a value that occurs, so that counts stay whole and booleans stay 0 or 1. 0 where nothing is present.
    private static double Median(Feature feature, string?[] cells, long[]? eventTimes)
    {
        var values = new double[cells.Length];
        CellEncoder.EncodeColumn(feature, cells, eventTimes, values, 0, 1);
        var present = Array.FindAll(values, value => !double.IsNaN(value));
        Array.Sort(present);
        return present.Length == 0 ? 0 : present[(present.Length - 1) / 2];
    }
}
