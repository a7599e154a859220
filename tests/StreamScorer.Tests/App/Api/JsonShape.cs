using System.Text.Json.Nodes;

namespace StreamScorer.Tests.App.Api;

/// <summary>Compares a JSON value with a schema of an OpenAPI 3.1 document: types, required and known properties, items, $ref.</summary>
internal sealed class JsonShape(JsonNode document)
{
    /// <summary>Everything in which the value is not what the schema says.</summary>
    public IEnumerable<string> Faults(JsonNode? value, JsonNode schema, string path = "$")
    {
        if ((string?)schema["$ref"] is { } reference)
            return Faults(value, document["components"]!["schemas"]![reference.Split('/')[^1]]!, path);
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
            return choices.Any(choice => !Faults(value, choice!, path).Any()) ? [] : [$"{path}: none of the choices"];
        return FaultsOfPlain(value, schema, path);
    }

    private IEnumerable<string> FaultsOfPlain(JsonNode? value, JsonNode schema, string path)
    {
        var types = schema["type"] switch
        {
            JsonArray several => several.Select(type => (string)type!).ToArray(),
            null => [],
            var one => [(string)one!],
        };
        var actual = TypeOf(value);
        if (types.Length > 0 && !types.Contains(actual) && !(actual == "integer" && types.Contains("number")))
        {
            yield return $"{path}: {actual} instead of {string.Join('|', types)}";
            yield break;
        }

        if (value is JsonObject properties && schema["properties"] is JsonObject known)
        {
            foreach (var name in (schema["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !properties.ContainsKey(name)))
                yield return $"{path}: {name} is missing";
            foreach (var (name, inner) in properties)
            {
                if (known[name] is not { } innerSchema)
                    yield return $"{path}: {name} is not described";
                else
                    foreach (var fault in Faults(inner, innerSchema, $"{path}.{name}"))
                        yield return fault;
            }
        }

        if (value is JsonArray items && schema["items"] is { } itemSchema)
            foreach (var fault in items.SelectMany((item, i) => Faults(item, itemSchema, $"{path}[{i}]")))
                yield return fault;
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or System.Text.Json.JsonValueKind.Null => "null",
        System.Text.Json.JsonValueKind.Object => "object",
        System.Text.Json.JsonValueKind.Array => "array",
        System.Text.Json.JsonValueKind.String => "string",
        System.Text.Json.JsonValueKind.Number => value.ToJsonString().AsSpan().IndexOfAny(".eE") < 0 ? "integer" : "number",
        _ => "boolean",
    };
}
