using System.Globalization;
using StreamScorer.Forests;
using StreamScorer.Parquet;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Preparation;

/// <summary>Files, columns and metadata of a prepared dataset, the same for writing and reading.</summary>
public static class PreparedLayout
{
    public const string TrainingFile = "processed/training_data.parquet";
    public const string StreamingFolder = "streaming/user_events";
    public const string FollowUpFolder = "streaming/follow_ups";
    public const string LeadIdColumn = "LeadId";
    public const string LeadNumberColumn = "LeadNumber";

    /// <summary>Metadata key: the training schema as JSON, so that a dataset says itself what its columns mean.</summary>
    public const string SchemaKey = "streamscorer.schema";

    public static string PartName(int part) => string.Create(CultureInfo.InvariantCulture, $"part-{part:00000}.parquet");

    /// <summary>
    /// Lead id, lead number, the features under their business names (numeric ones as DOUBLE, the others as text, nulls as
    /// null), and the label as 1 or 0.
    /// </summary>
    public static ParquetSchema Columns(TrainingSchema schema) => new(
    [
        new ParquetColumn(LeadIdColumn, ParquetType.String),
        new ParquetColumn(LeadNumberColumn, ParquetType.Int64),
        .. schema.Features.Select(feature => new ParquetColumn(feature.Name, TypeOf(feature), Nullable: true)),
        new ParquetColumn(schema.LabelColumn, ParquetType.Int32),
    ]);

    public static IReadOnlyDictionary<string, string> Metadata(TrainingSchema schema)
        => new Dictionary<string, string> { [SchemaKey] = TrainingSchemaJson.Write(schema) };

    private static ParquetType TypeOf(FeatureSpec feature)
        => feature.Kind == FeatureKind.Numeric ? ParquetType.Double : ParquetType.String;
}
