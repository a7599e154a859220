using System.Text.Json;
using System.Text.Json.Serialization;
using StreamScorer.Forests;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Schemas;

/// <summary>
/// What the inputs of a model made elsewhere are called here, as JSON: one object per input, in the model's order.
/// <code>
/// [ { "name": "TotalVisits" },
///   { "name": "LastAction", "stream": "lastAction", "kind": "categorical", "categories": ["Email Opened", "SMS Sent"],
///     "nullTokens": ["", "Select"], "required": true } ]
/// </code>
/// Of an input only <c>name</c> is needed; the other names are derived from it as in training schemas. The n-th of
/// <c>categories</c> is the text that the model's category number n stands for.
/// </summary>
public static class ImportFeaturesJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter<FeatureKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="DataFileException">The file is not readable or not such a list; names line and field.</exception>
    public static IReadOnlyList<ImportFeature> ReadFile(string path)
    {
        OpenCheck.FileLength(path);
        try
        {
            var forms = JsonSerializer.Deserialize<List<InputForm>>(File.ReadAllText(path), Options) ?? [];
            return [.. forms.Select((form, i) => Feature(form, i, path))];
        }
        catch (JsonException error)
        {
            throw new DataFileException(
                path, "this is not a list of model inputs: " + error.Message.Split(" Path:")[0].TrimEnd('.'),
                $"See the field {error.Path ?? "$"}.", (error.LineNumber ?? -1) + 1, inner: error);
        }
    }

    private static ImportFeature Feature(InputForm form, int index, string path)
    {
        if (string.IsNullOrWhiteSpace(form.Name))
            throw new DataFileException(path, FormattableString.Invariant($"input {index + 1} has no name"), "Add \"name\".");
        var spec = new FeatureSpec(
            form.Name, form.Column ?? form.Name, form.Stream ?? FieldNames.Camel(form.Name),
            form.Api ?? FieldNames.Snake(form.Name), form.Kind, form.NullTokens, form.Required);
        return new ImportFeature(spec, form.Categories);
    }

    private sealed record InputForm(
        string? Name, string? Column, string? Stream, string? Api, FeatureKind? Kind, IReadOnlyList<string>? NullTokens,
        bool? Required, IReadOnlyList<string>? Categories);
}
