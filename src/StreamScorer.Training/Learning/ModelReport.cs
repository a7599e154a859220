using StreamScorer.Forests;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Learning;

/// <summary>What is known about a trained model besides the model itself: the content of <c>metrics.json</c>.</summary>
public sealed record ModelReport
{
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model file these figures belong to.</summary>
    public required string Id { get; init; }

    public required string Algorithm { get; init; }

    public required int Trees { get; init; }

    public required long Seed { get; init; }

    public required SplitKind Split { get; init; }

    public required RowCounts Rows { get; init; }

    /// <summary>Measured on the validation rows, which the model has not seen.</summary>
    public required BinaryMetrics Validation { get; init; }

    /// <summary>Over the training rows; null when it was not asked for.</summary>
    public CrossValidationResult? CrossValidation { get; init; }

    public required IReadOnlyList<FeatureSummary> Features { get; init; }

    /// <summary>The feature the model leans on most first.</summary>
    public IReadOnlyList<FeatureImportance> Importance { get; init; } = [];

    /// <summary>Rising in rows; empty when it was not measured.</summary>
    public IReadOnlyList<LearningCurvePoint> LearningCurve { get; init; } = [];

    /// <summary>Which columns held label and id; <c>evaluate</c> and <c>score</c> look for the same.</summary>
    public required TrainingSchema Schema { get; init; }

    /// <summary>What a person should know before trusting the model; empty when nothing stood out.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Rows of the table a model was trained on.</summary>
public sealed record RowCounts(int Table, int Unlabelled, int Training, int Validation);

/// <summary>A feature as the training rows showed it.</summary>
/// <param name="Name">Business name.</param>
/// <param name="Kind">Numeric, categorical, boolean or timestamp.</param>
/// <param name="NullShare">Share of training rows without a value.</param>
/// <param name="Categories">Categories with a code of their own; 0 for other kinds.</param>
/// <param name="Required">Whether an event must carry the field.</param>
public sealed record FeatureSummary(string Name, FeatureKind Kind, double NullShare, int Categories, bool Required)
{
    internal static IEnumerable<FeatureSummary> Of(FeatureSchema schema, LearningRows rows)
    {
        foreach (var feature in schema.Features)
        {
            var nulls = 0;
            for (var at = feature.Index; at < rows.Values.Length; at += schema.Count)
                if (double.IsNaN(rows.Values[at])) nulls++;
            var named = Math.Max(0, feature.Categories.Count - 1);
            yield return new FeatureSummary(feature.Name, feature.Kind, (double)nulls / rows.Count, named, feature.Required);
        }
    }
}
