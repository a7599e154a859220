using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Tuning;

/// <summary>What a search found.</summary>
/// <param name="Trials">All trials, the best first.</param>
/// <param name="Resumed">Trials taken over from an earlier run.</param>
/// <param name="Report">The model trained with the best settings.</param>
public sealed record TuningResult(IReadOnlyList<Trial> Trials, int Resumed, ModelReport Report);

/// <summary>
/// Searches for settings by cross-validation over the training rows, then trains a model with the best ones. The validation
/// rows take no part in the choice, so the model's figures on them stay honest.
/// </summary>
public static class ModelTuning
{
    /// <exception cref="DataFileException">The table cannot be trained on, or the table of trials is damaged.</exception>
    /// <exception cref="ForestException">A setting is out of range.</exception>
    public static TuningResult Run(
        TuningRequest request, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        var training = request.Training;
        var table = LabelledTable.Read(training, progress, cancellation);
        var rows = table.Split(training.Split, training.Seed).Training;
        var finished = new TrialTable(training.Output, SearchKey(request, table), training.Settings);
        var resumed = finished.Trials.Count;
        var settings = SearchSpace.Trials(request);
        for (var i = 0; i < settings.Count; i++)
        {
            progress?.Report(new StageProgress("Trials", (double)i / settings.Count));
            if (finished.Find(settings[i]) is not null) continue;
            finished.Add(Trial.Of(i + 1, settings[i], CrossValidation.Run(
                table, rows, request.Folds, training.Seed, part => Train(settings[i], part), null, cancellation)));
        }

        progress?.Report(new StageProgress("Trials", 1));
        Trial[] ranked =
            [.. settings.Select(finished.Find).Distinct().OfType<Trial>().OrderBy(trial => Loss(trial, request.Goal))];
        var report = ModelTraining.Run(training with { Settings = ranked[0].Settings }, table, progress, cancellation);
        return new TuningResult(ranked, Math.Min(resumed, ranked.Length), report);

        ForestModel Train(AlgorithmSettings trial, LearningRows part) => AlgorithmRun.Train(
            training.Algorithm, table.Schema.Name, part, trial, training.Seed, cancellation: cancellation);
    }

    private static double Loss(Trial trial, TuningGoal goal) => goal == TuningGoal.LogLoss ? trial.LogLoss : -trial.AucRoc;

    /// <summary>Equal for searches whose trials can be compared with each other.</summary>
    private static string SearchKey(TuningRequest request, LabelledTable table)
    {
        var training = request.Training;
        var monotone = string.Join(',', training.Settings.Monotone.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        var text = string.Create(CultureInfo.InvariantCulture, $"{TrainingSchemaJson.Write(table.Schema)}|"
            + $"{training.Algorithm}|{training.Seed}|{training.Split}|{request.Folds}|{training.Settings.Calibration}|"
            + $"{monotone}|{table.ContentHash()}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
    }
}
