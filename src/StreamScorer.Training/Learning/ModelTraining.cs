using StreamScorer.Forests;
using StreamScorer.Training.Charts;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>
/// Table → model folder: read, decide what the columns mean, split 80/20, fit the feature schema and the trees on the 80 %,
/// measure on the 20 %, write.
/// </summary>
public static class ModelTraining
{
    /// <summary>Enough to rank features; each is scored again for every shuffle of every feature.</summary>
    private const int ImportanceRows = 5000;

    /// <exception cref="DataFileException">The table cannot be trained on; the message says why and what to do.</exception>
    /// <exception cref="ForestException">A setting is out of range, or feature names collide.</exception>
    public static ModelReport Run(
        TrainingRequest request, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        return Run(request, LabelledTable.Read(request, progress, cancellation), progress, cancellation);
    }

    internal static ModelReport Run(
        TrainingRequest request, LabelledTable table, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var split = table.Split(request.Split, request.Seed);
        var schema = table.Schema;
        var counts = new RowCounts(table.TableRows, table.UnlabelledRows, split.Training.Length, split.Validation.Length);
        var folds = request.Folds > 0
            ? CrossValidation.Run(table, split.Training, request.Folds, request.Seed, Train,
                StageReporter.For(progress, "Cross-validation"), cancellation)
            : null;
        // From here on the table's text is garbage: nothing below may hold on to it while trees grow.
        var (training, validation) = table.Encode(split.Training, split.Validation);
        var model = AlgorithmRun.Train(request.Algorithm, schema.Name, training, request.Settings, request.Seed,
            StageReporter.For(progress, "Training"), cancellation);
        var probability = validation.Score(model);
        var importance = Importance(model, validation, request.Seed, cancellation);
        var curve = request.Charts
            ? LearningCurve.Of(model, training, validation, request.Seed, Train, StageReporter.For(progress, "Learning curve"))
            : [];
        var report = new ModelReport
        {
            Model = model.Name,
            Id = model.Id,
            Algorithm = model.Algorithm,
            Trees = model.TreeCount,
            Seed = request.Seed,
            Split = request.Split,
            Rows = counts,
            Validation = BinaryMetrics.Compute(probability, validation.Labels),
            CrossValidation = folds,
            Schema = schema,
            Features = [.. FeatureSummary.Of(model.Schema, training)],
            Importance = importance,
            LearningCurve = curve,
            Warnings = [.. LeakageCheck.Warnings(importance), .. Ties(model, probability)],
        };
        cancellation.ThrowIfCancellationRequested();
        ModelFolder.Write(request.Output, model, report, request.Charts ? Charts(report, probability, validation.Labels) : []);
        return report;

        ForestModel Train(LearningRows rows) => AlgorithmRun.Train(
            request.Algorithm, schema.Name, rows, request.Settings, request.Seed, cancellation: cancellation);
    }

    /// <summary>The feature the model leans on most first; by a sample of the rows where there are many.</summary>
    private static FeatureImportance[] Importance(
        ForestModel model, LearningRows validation, long seed, CancellationToken cancellation)
    {
        var rows = validation.AtMost(ImportanceRows);
        var measured = FeatureImportance.Measure(model, rows.Values, rows.Labels, unchecked((ulong)seed), ct: cancellation);
        return [.. measured.OrderByDescending(feature => feature.PermutationDrop)];
    }

    private static List<ModelChart> Charts(ModelReport report, double[] probability, bool[] labels)
    {
        var charts = new List<ModelChart>
        {
            ModelCharts.Roc(RocCurve.Of(probability, labels), report.Validation.AucRoc),
            ModelCharts.Calibration(report.Validation),
            ModelCharts.Importance(report.Importance),
        };
        if (report.LearningCurve.Count > 1) charts.Add(ModelCharts.Learning(report.LearningCurve));
        return charts;
    }

    /// <summary>Isotonic calibration is a staircase: leads on one step can no longer be told apart.</summary>
    private static IEnumerable<string> Ties(ForestModel model, double[] probability)
    {
        if (model.Calibration.Kind != CalibrationKind.Isotonic) yield break;
        var distinct = probability.Distinct().Count();
        yield return FormattableString.Invariant(
            $"Isotonic calibration gives the {probability.Length:N0} validation rows only {distinct:N0} different ")
            + "probabilities; leads with the same one cannot be ranked.";
    }
}
