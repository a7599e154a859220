using System.Globalization;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Files;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Learning;

/// <summary>Makes a model folder from a model that another library trained.</summary>
public static class ImportedModel
{
    /// <summary>Names of the formats as <see cref="ForestModel.Algorithm"/> tells them.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["xgboost", "lightgbm", "onnx"];

    /// <param name="file">The foreign model file.</param>
    /// <param name="format">One of <see cref="Formats"/>; null takes what the content says.</param>
    /// <param name="featuresFile">
    /// What its inputs are called here (<see cref="ImportFeaturesJson"/>); null takes the file's names.
    /// </param>
    /// <param name="name">Name of the model.</param>
    /// <param name="output">The model folder to write.</param>
    /// <exception cref="ForestException">The file cannot be imported, or is of another format than told.</exception>
    /// <exception cref="Tables.DataFileException">The features file is not readable.</exception>
    public static ForestModel Write(string file, string? format, string? featuresFile, string name, string output)
    {
        var features = featuresFile is null ? null : ImportFeaturesJson.ReadFile(featuresFile);
        var model = ModelImport.Import(file, name, features);
        if (format is not null && format != model.Algorithm)
            throw new ForestException($"{file} is a model of {model.Algorithm}, not of {format}.");
        using var staged = new StagedOutput(output);
        File.WriteAllText(staged.StageFile(ModelFolder.CardFile), Card(model));
        // Last, as when a model is trained: who watches the folder finds the rest in place.
        model.Save(staged.StageFile(ModelFolder.ModelFile));
        staged.Publish();
        return model;
    }

    private static string Card(ForestModel model)
    {
        var card = new StringBuilder();
        Line($"# Model card: {model.Name}");
        Line($"");
        Line($"Trained elsewhere, imported from {model.Algorithm}: {model.TreeCount:N0} trees over");
        Line($"{model.Schema.Count:N0} features.");
        Line($"Model id (SHA-256 of the file): `{model.Id}`.");
        Line($"");
        Line($"| feature | in events | kind | events must carry it |");
        Line($"| --- | --- | --- | --- |");
        foreach (var feature in model.Schema.Features)
        {
            var kind = feature.Kind.ToString().ToLowerInvariant();
            Line($"| {feature.Name} | `{feature.StreamName}` | {kind} | {(feature.Required ? "yes" : "no")} |");
        }

        Line($"");
        Line($"## What to beware of");
        Line($"");
        Line($"- Nothing is known here about the rows it learned from: no quality figures, no baseline for drift.");
        Line($"  `evaluate --model DIR --data PATH --label COLUMN` measures it.");
        Line($"- Its probabilities are its maker's; they are not calibrated again.");
        return card.ToString();

        void Line(FormattableString text) => card.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
