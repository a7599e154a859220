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
    /// <exception cref="DataFileException">The file is not readable or not such a list; names line and field.</exception>
    public static IReadOnlyList<ImportFeature> ReadFile(string path)
    {
        OpenCheck.FileLength(path);
        var forms = SchemaJson.Parse<List<InputForm>>(File.ReadAllText(path), path, "a list of model inputs") ?? [];
        return
        [
            .. forms.Select((form, i) => new ImportFeature(
                form.Spec(FormattableString.Invariant($"input {i + 1}"), path), form.Categories)),
        ];
    }

    private sealed record InputForm : FeatureForm
    {
        public IReadOnlyList<string>? Categories { get; init; }
    }
}
