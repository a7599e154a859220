using System.Text.Json;
using System.Text.Json.Serialization;
using StreamScorer.Forests;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Schemas;

/// <summary>
/// A training schema as JSON: the form of <c>train --schema FILE</c> and of the metadata in prepared Parquet files.
/// <code>
/// { "name": "lead-scoring", "label": "Converted", "positive": "1", "id": "Prospect ID", "order": "Lead Number",
///   "eventTime": null, "features": [ { "name": "City", "column": "City", "stream": "city", "api": "city", "kind": "categorical",
///                   "nullTokens": ["", "Select"], "required": true, "bucketEdges": null } ] }
/// </code>
/// Of a feature only <c>name</c> is needed: column defaults to the name, stream and API name are derived from it, kind is
/// inferred from the table. <c>positive</c> defaults to <c>1</c>. <c>eventTime</c> names the column with the event's own time;
/// features of kind <c>timestamp</c> (never inferred) count as their age in days at that time.
/// </summary>
public static class TrainingSchemaJson
{
    public static string Write(TrainingSchema schema) => JsonSerializer.Serialize(
        new SchemaForm(
            schema.Name, schema.LabelColumn, schema.PositiveValue, schema.IdColumn, schema.OrderColumn, schema.EventTimeColumn,
            [.. schema.Features.Select(Form)]),
        SchemaJson.Options);

    /// <exception cref="DataFileException">The file is not readable or not such a schema.</exception>
    public static TrainingSchema ReadFile(string path)
    {
        OpenCheck.FileLength(path);
        return Read(File.ReadAllText(path), path);
    }

    /// <param name="json">The schema.</param>
    /// <param name="source">Where it comes from, for error messages.</param>
    /// <exception cref="DataFileException">The text is not such a schema; names line and field.</exception>
    public static TrainingSchema Read(string json, string source)
    {
        var form = SchemaJson.Parse<SchemaForm>(json, source, "a schema");
        if (form?.Label is null) throw new DataFileException(source, "the schema names no label column", "Add \"label\".");
        if (form.Features is not { Count: > 0 })
            throw new DataFileException(source, "the schema has no features", "Add \"features\", a list of objects.");
        return new TrainingSchema(
            form.Name ?? Path.GetFileNameWithoutExtension(source),
            [.. form.Features.Select((feature, i) => Spec(feature, i, source))],
            form.Label, form.Positive ?? "1", form.Id, form.Order)
        {
            EventTimeColumn = form.EventTime,
        };
    }

    private static FeatureSpec Spec(TrainedForm feature, int index, string source)
        => feature.Spec(FormattableString.Invariant($"feature {index + 1}"), source) with { BucketEdges = feature.BucketEdges };

    private static TrainedForm Form(FeatureSpec feature) => new()
    {
        Name = feature.Name,
        Column = feature.ColumnName,
        Stream = feature.StreamName,
        Api = feature.ApiName,
        Kind = feature.Kind,
        NullTokens = feature.NullTokens,
        Required = feature.Required,
        BucketEdges = feature.BucketEdges,
    };

    private sealed record SchemaForm(
        string? Name, string? Label, string? Positive, string? Id, string? Order, string? EventTime,
        IReadOnlyList<TrainedForm>? Features);

    // Written behind the others, as files had it before the two kinds of forms met.
    private sealed record TrainedForm : FeatureForm
    {
        [JsonPropertyOrder(1)]
        public IReadOnlyList<double>? BucketEdges { get; init; }
    }
}
