namespace StreamScorer.Forests;

/// <summary>
/// What a person decides about a feature before training; everything else is learned from the table by
/// <see cref="FeatureSchema.Fit"/>.
/// </summary>
/// <param name="Name">Business name, unique in the schema (<c>TotalBrowsingTime</c>).</param>
/// <param name="ColumnName">Column of the training table (<c>Total Time Spent on Website</c>).</param>
/// <param name="StreamName">Property name in events (<c>totalBrowsingTime</c>).</param>
/// <param name="ApiName">Property name in the HTTP API (<c>total_browsing_time</c>).</param>
/// <param name="Kind">
/// Null: inferred. Numeric when every non-null cell parses as a finite number, Boolean when every one is <c>true</c> or
/// <c>false</c>, otherwise Categorical. Timestamps are never inferred.
/// </param>
/// <param name="NullTokens">Texts that mean "no value"; null takes <see cref="SchemaFitOptions.NullTokens"/>.</param>
/// <param name="Required">
/// Whether an event must carry the field's name; null: required when less than half of the training cells are null.
/// </param>
public sealed record FeatureSpec(
    string Name,
    string ColumnName,
    string StreamName,
    string ApiName,
    FeatureKind? Kind = null,
    IReadOnlyList<string>? NullTokens = null,
    bool? Required = null)
{
    /// <summary>
    /// Inner edges of left-closed buckets, ascending (n edges make n + 1 buckets: below the first, …, from the last on).
    /// Null keeps the full resolution. Trees then split the feature at these edges only. Numeric features only.
    /// </summary>
    public IReadOnlyList<double>? BucketEdges { get; init; }
}
