using StreamScorer.Forests;

namespace StreamScorer.Training.Schemas;

/// <summary>What a table means: which columns are features, and which hold label, id, order and event time.</summary>
/// <param name="Name">Name of the schema; goes into the model file.</param>
/// <param name="Features">1 to 1,000 features, in the order of feature rows.</param>
/// <param name="LabelColumn">Column of the label.</param>
/// <param name="PositiveValue">Text of the label's positive class; any other text is negative, a null has no label.</param>
/// <param name="IdColumn">Column that identifies a row's subject; null when there is none. Never a feature.</param>
/// <param name="OrderColumn">Numeric column that rises with time; null when the table has none. Never a feature.</param>
public sealed record TrainingSchema(
    string Name,
    IReadOnlyList<FeatureSpec> Features,
    string LabelColumn,
    string PositiveValue,
    string? IdColumn = null,
    string? OrderColumn = null)
{
    /// <summary>
    /// Column with the event's own time, the twin of an event's <c>occurredAt</c>: timestamp features count as their age at
    /// this time. Needed when there are such features; orders the rows where no column else does. Never a feature by itself,
    /// unless the schema lists it as one.
    /// </summary>
    public string? EventTimeColumn { get; init; }
}
