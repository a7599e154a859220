using StreamScorer.Forests;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.LeadScoring;

/// <summary>
/// The reference schema: ten features of the lead-scoring table under their business names, in the order in which they
/// stand in feature rows.
/// </summary>
public static class LeadScoringSchema
{
    public const string Name = "lead-scoring";

    /// <summary>The feature that sales staff fill in after contact and that therefore leaks the outcome.</summary>
    public const string LeakingFeature = "LeadStatusTag";

    /// <summary>Texts that mean "no value": an empty cell, and a drop-down nobody touched.</summary>
    public static IReadOnlyList<string> NullTokens { get; } = ["", "Select"];

    public static IReadOnlyList<FeatureSpec> Features { get; } =
    [
        Numeric("TotalVisits", LeadScoringColumns.TotalVisits) with
        {
            // Single visits tell leads apart up to eight; beyond, the table has few rows per value.
            BucketEdges = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 18, 25],
        },
        Numeric("TotalBrowsingTime", LeadScoringColumns.TotalTime),
        Numeric("AvgListingsViewedPerSession", LeadScoringColumns.PageViewsPerVisit),
        Category("LeadCaptureChannel", LeadScoringColumns.LeadOrigin),
        Category("ReferralSource", LeadScoringColumns.LeadSource),
        Category("LastAction", LeadScoringColumns.LastActivity),
        Category("FinalEngagementAction", LeadScoringColumns.LastNotableActivity),
        Category("City", LeadScoringColumns.City),
        Category("Country", LeadScoringColumns.Country),
        Category(LeakingFeature, LeadScoringColumns.Tags),
    ];

    /// <summary>The features with label, id and order, as training needs them.</summary>
    public static TrainingSchema Training { get; } = new(
        Name, Features, LeadScoringColumns.Label, "1", LeadScoringColumns.LeadId, LeadScoringColumns.LeadNumber);

    private static FeatureSpec Numeric(string name, string column) => Spec(name, column, FeatureKind.Numeric);

    private static FeatureSpec Category(string name, string column) => Spec(name, column, FeatureKind.Categorical);

    private static FeatureSpec Spec(string name, string column, FeatureKind kind)
        => new(name, column, FieldNames.Camel(name), FieldNames.Snake(name), kind, NullTokens);
}
