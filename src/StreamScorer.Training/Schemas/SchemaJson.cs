using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamScorer.Forests;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Schemas;

/// <summary>What files that describe features have in common: rules of the JSON, names derived from a name, errors.</summary>
internal static class SchemaJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<FeatureKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <param name="json">The text.</param>
    /// <param name="source">Where it comes from, for error messages.</param>
    /// <param name="what">What it should be: "a schema".</param>
    /// <exception cref="DataFileException">It is not; names line and field.</exception>
    public static T? Parse<T>(string json, string source, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options);
        }
        catch (JsonException error)
        {
            throw new DataFileException(source, $"this is not {what}: " + error.Message.Split(" Path:")[0].TrimEnd('.'),
                $"See the field {error.Path ?? "$"}.", (error.LineNumber ?? -1) + 1, inner: error);
        }
    }
}

/// <summary>A feature as such files write it. Of it only the name is needed.</summary>
internal record FeatureForm
{
    public string? Name { get; init; }

    public string? Column { get; init; }

    public string? Stream { get; init; }

    public string? Api { get; init; }

    public FeatureKind? Kind { get; init; }

    public IReadOnlyList<string>? NullTokens { get; init; }

    public bool? Required { get; init; }

    /// <summary>Column defaults to the name; stream and API name are derived from it.</summary>
    /// <param name="what">What the list is of, and which of it this is: "feature 3".</param>
    /// <param name="source">Where it comes from, for error messages.</param>
    /// <exception cref="DataFileException">It has no name.</exception>
    public FeatureSpec Spec(string what, string source) => string.IsNullOrWhiteSpace(Name)
        ? throw new DataFileException(source, $"{what} has no name", "Add \"name\".")
        : new FeatureSpec(
            Name, Column ?? Name, Stream ?? FieldNames.Camel(Name), Api ?? FieldNames.Snake(Name), Kind, NullTokens, Required);
}
