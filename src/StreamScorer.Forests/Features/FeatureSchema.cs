namespace StreamScorer.Forests;

/// <summary>
/// The trained features in row order. One schema serves training, stream, API and offline scoring, so that a value means
/// the same everywhere. A feature row is <c>double[Count]</c>: numeric = the value, categorical = code, boolean = 0 or 1,
/// timestamp = age in days; NaN = missing. Immutable and safe to share between threads.
/// </summary>
public sealed class FeatureSchema
{
    /// <summary>Most features a schema may have.</summary>
    public const int MostFeatures = 1000;

    /// <summary>Most codes a categorical feature may have, rare bucket included.</summary>
    public const int MostCategories = 65_535;

    private readonly Utf8Dictionary _byName;
    private readonly Utf8Dictionary _byStreamName;
    private readonly Utf8Dictionary _byApiName;

    internal FeatureSchema(string name, IReadOnlyList<Feature> features, string? eventTimeColumn)
    {
        Name = name;
        Features = features;
        EventTimeColumn = eventTimeColumn;
        int[] indices = [.. Enumerable.Range(0, features.Count)];
        _byName = new Utf8Dictionary([.. features.Select(f => f.Name)], indices);
        _byStreamName = new Utf8Dictionary([.. features.Select(f => f.StreamName)], indices);
        _byApiName = new Utf8Dictionary([.. features.Select(f => f.ApiName)], indices);
    }

    public string Name { get; }

    public IReadOnlyList<Feature> Features { get; }

    /// <summary>Number of features, 1 to 1,000: the length of a feature row.</summary>
    public int Count => Features.Count;

    /// <summary>Column of offline tables that holds the event's own time; null when no feature is a timestamp.</summary>
    public string? EventTimeColumn { get; }

    /// <summary>
    /// Learns kinds, dictionaries, imputation and required fields from a table of training cells. The result depends on the
    /// set of rows, not on their order.
    /// </summary>
    /// <exception cref="ForestException">
    /// No features or more than 1,000, names that collide, a missing column, or a cell that contradicts its spec's kind.
    /// </exception>
    public static FeatureSchema Fit(
        string name, IReadOnlyList<FeatureSpec> specs, RawTable table, SchemaFitOptions? options = null) =>
        new SchemaFitter(specs, table, options ?? new SchemaFitOptions()).Fit(name);

    public bool TryGetByStreamName(ReadOnlySpan<byte> utf8, out int index) => _byStreamName.TryGet(utf8, out index);

    public bool TryGetByApiName(ReadOnlySpan<byte> utf8, out int index) => _byApiName.TryGet(utf8, out index);

    public bool TryGetByName(ReadOnlySpan<byte> utf8, out int index) => _byName.TryGet(utf8, out index);

    /// <summary>
    /// Turns text cells into feature rows, row-major, <c>RowCount * Count</c> long, by the same rules as the stream decoder.
    /// </summary>
    /// <exception cref="ForestException">
    /// A column of a required feature is missing, or a cell does not parse (<see cref="CellException"/>).
    /// </exception>
    public double[] Encode(RawTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var rows = new double[checked((long)table.RowCount * Count)];
        var eventTimes = EventTimeColumn is null ? null : CellEncoder.ReadEventTimes(table, EventTimeColumn);
        foreach (var feature in Features)
        {
            var cells = !feature.Required && !table.HasColumn(feature.ColumnName)
                ? new string?[table.RowCount]
                : table.Column(feature.ColumnName);
            CellEncoder.EncodeColumn(feature, cells, eventTimes, rows, feature.Index, Count);
        }

        return rows;
    }
}
