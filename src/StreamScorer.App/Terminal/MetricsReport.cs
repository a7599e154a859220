using Spectre.Console;
using StreamScorer.Forests;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Terminal;

/// <summary>Metrics as a table for a person, and as one flat line for a machine.</summary>
internal static class MetricsReport
{
    public static void Write(BinaryMetrics metrics, string title, IAnsiConsole console)
    {
        new ReportTable(title, "measure", "value")
            .Row("rows", metrics.Rows)
            .Row("positive", metrics.Positives)
            .Row("AUC-ROC", metrics.AucRoc)
            .Row("AUC-PR", metrics.AucPr)
            .Row("accuracy", metrics.Accuracy)
            .Row("precision", metrics.Precision)
            .Row("recall", metrics.Recall)
            .Row("F1", metrics.F1)
            .Row("log loss", metrics.LogLoss)
            .Row("Brier", metrics.Brier)
            .Row("hot (above 0.7)", ReportTable.Percent(metrics.HotCoverage))
            .Row("of these positive", ReportTable.Percent(metrics.HotPrecision))
            .WriteTo(console);
    }

    public static void WriteFolds(CrossValidationResult result, IAnsiConsole console)
    {
        var table = new ReportTable(
            FormattableString.Invariant($"Cross-validation, {result.Folds.Count} folds"), "measure", "mean", "deviation");
        Row("AUC-ROC", metrics => metrics.AucRoc);
        Row("AUC-PR", metrics => metrics.AucPr);
        Row("accuracy", metrics => metrics.Accuracy);
        Row("F1", metrics => metrics.F1);
        Row("log loss", metrics => metrics.LogLoss);
        table.WriteTo(console);

        void Row(string name, Func<BinaryMetrics, double> metric)
        {
            var (mean, deviation) = result.Of(metric);
            table.Row(name, mean, deviation);
        }
    }
}

/// <summary>The last line of <c>train</c> and <c>evaluate</c>.</summary>
internal sealed record MetricsLine(
    string Model, string Id, int Rows, int? TrainingRows, int MeasuredRows, int Positives, double AucRoc, double AucPr,
    double Accuracy, double Precision, double Recall, double F1, double LogLoss, double Brier, double HotPrecision,
    double HotCoverage, double CalibrationError, ConfusionMatrix Confusion, FoldsLine? CrossValidation)
{
    /// <param name="model">Name of the model.</param>
    /// <param name="id">Id of the model.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="trainingRows">Rows the model was trained on, where this command trained it.</param>
    /// <param name="metrics">The figures.</param>
    /// <param name="folds">What cross-validation measured, where it ran.</param>
    public static MetricsLine Of(
        string model, string id, int rows, int? trainingRows, BinaryMetrics metrics, CrossValidationResult? folds = null) => new(
        model, id, rows, trainingRows, metrics.Rows, metrics.Positives, metrics.AucRoc, metrics.AucPr, metrics.Accuracy,
        metrics.Precision, metrics.Recall, metrics.F1, metrics.LogLoss, metrics.Brier, metrics.HotPrecision,
        metrics.HotCoverage, metrics.CalibrationError, metrics.Confusion, folds is null ? null : FoldsLine.Of(folds));
}

/// <summary>Mean and standard deviation over the folds.</summary>
internal sealed record FoldsLine(
    int Folds, double AucRoc, double AucRocDeviation, double Accuracy, double AccuracyDeviation, double LogLoss,
    double LogLossDeviation)
{
    public static FoldsLine Of(CrossValidationResult result)
    {
        var (auc, aucDeviation) = result.Of(metrics => metrics.AucRoc);
        var (accuracy, accuracyDeviation) = result.Of(metrics => metrics.Accuracy);
        var (logLoss, logLossDeviation) = result.Of(metrics => metrics.LogLoss);
        return new FoldsLine(
            result.Folds.Count, auc, aucDeviation, accuracy, accuracyDeviation, logLoss, logLossDeviation);
    }
}
