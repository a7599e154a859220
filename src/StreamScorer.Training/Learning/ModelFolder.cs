using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamScorer.Forests;
using StreamScorer.Training.Charts;
using StreamScorer.Training.Files;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>The files of a model folder.</summary>
public static class ModelFolder
{
    public const string ModelFile = "model.forest";
    public const string MetricsFile = "metrics.json";
    public const string CardFile = "model_card.md";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>
    /// Writes model, metrics and card. The model file comes last: a worker that watches it finds everything else in place,
    /// and a write that fails half-way leaves the old model in charge.
    /// </summary>
    internal static void Write(string folder, ForestModel model, ModelReport report, IReadOnlyList<ModelChart> charts)
    {
        using var staged = new StagedOutput(folder);
        foreach (var chart in charts) File.WriteAllText(staged.StageFile(chart.File), chart.Svg);
        File.WriteAllText(staged.StageFile(MetricsFile), JsonSerializer.Serialize(report, Json) + "\n");
        File.WriteAllText(staged.StageFile(CardFile), ModelCard.Write(report, charts));
        model.Save(staged.StageFile(ModelFile));
        staged.Publish();
    }

    /// <summary>Loads the model of a folder, or a model file named directly.</summary>
    /// <exception cref="DataFileException">There is none.</exception>
    /// <exception cref="ForestException">The model file is damaged.</exception>
    public static ForestModel Load(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, ModelFile) : path;
        if (!File.Exists(file))
            throw new DataFileException(file, "there is no model", "Train one first: train --data … --out DIR.");
        return ForestModel.Load(file);
    }

    /// <summary>The report beside a model; null when there is none or it belongs to another model.</summary>
    /// <param name="path">A model folder or a model file.</param>
    /// <param name="modelId">The id of the model loaded from there.</param>
    public static ModelReport? ReadReport(string path, string modelId)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = Path.Combine(folder, MetricsFile);
        if (!File.Exists(file)) return null;
        try
        {
            var report = JsonSerializer.Deserialize<ModelReport>(File.ReadAllText(file), Json);
            return report?.Id == modelId ? report : null;
        }
        catch (JsonException)
        {
            // An imported model may have a metrics.json of its maker's form; it only lacks our hints then.
            return null;
        }
    }
}
