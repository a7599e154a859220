using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamScorer.Forests;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Schemas;

/// <summary>
/// A training schema as JSON: the form of <c>train --schema FILE</c> and of the metadata in prepared Parquet files.
/// <code>
/// { "name": "lead-scoring", "label": "Converted", "positive": "1", "id": "Prospect ID", "order": "Lead Number",
///   "features": [ { "name": "City", "column": "City", "stream": "city", "api": "city", "kind": "categorical",
///                   "nullTokens": ["", "Select"], "required": true, "bucketEdges": null } ] }
/// </code>
/// Of a feature only <c>name</c> is needed: column defaults to the name, stream and API name are derived from it, kind is
/// inferred from the table. <c>positive</c> defaults to <c>1</c>.
/// </summary>
public static class TrainingSchemaJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<FeatureKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public static string Write(TrainingSchema schema) => JsonSerializer.Serialize(
        new SchemaForm(schema.Name, schema.LabelColumn, schema.PositiveValue, schema.IdColumn, schema.OrderColumn,
        [
            .. schema.Features.Select(feature => new FeatureForm(feature.Name, feature.ColumnName, feature.StreamName,
                feature.ApiName, feature.Kind, feature.NullTokens, feature.Required, feature.BucketEdges)),
        ]), Options);

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
        try
        {
            var form = JsonSerializer.Deserialize<SchemaForm>(json, Options);
            if (form?.Label is null) throw new DataFileException(source, "the schema names no label column", "Add \"label\".");
            if (form.Features is not { Count: > 0 })
                throw new DataFileException(source, "the schema has no features", "Add \"features\", a list of objects.");
            return new TrainingSchema(form.Name ?? Path.GetFileNameWithoutExtension(source),
                [.. form.Features.Select((feature, i) => Spec(feature, i, source))],
                form.Label, form.Positive ?? "1", form.Id, form.Order);
        }
        catch (JsonException error)
        {
            throw new DataFileException(source, "this is not a schema: " + error.Message.Split(" Path:")[0].TrimEnd('.'),
                $"See the field {error.Path ?? "$"}.", (error.LineNumber ?? -1) + 1, inner: error);
        }
    }

    private static FeatureSpec Spec(FeatureForm feature, int index, string source)
    {
        if (string.IsNullOrWhiteSpace(feature.Name))
            throw new DataFileException(source, FormattableString.Invariant($"feature {index + 1} has no name"), "Add \"name\".");
        return new FeatureSpec(feature.Name, feature.Column ?? feature.Name, feature.Stream ?? FieldNames.Camel(feature.Name),
            feature.Api ?? FieldNames.Snake(feature.Name), feature.Kind, feature.NullTokens, feature.Required)
        {
            BucketEdges = feature.BucketEdges,
        };
    }

    private sealed record SchemaForm(
        string? Name, string? Label, string? Positive, string? Id, string? Order, IReadOnlyList<FeatureForm>? Features);

    private sealed record FeatureForm(
        string? Name, string? Column, string? Stream, string? Api, FeatureKind? Kind, IReadOnlyList<string>? NullTokens,
        bool? Required, IReadOnlyList<double>? BucketEdges);
}
