using StreamScorer.Forests;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>Figures of a model on labelled data it was given.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Id">Id of the model.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="UnlabelledRows">Rows left out because they have no label.</param>
/// <param name="Metrics">Over the labelled rows.</param>
public sealed record EvaluationResult(string Model, string Id, int Rows, int UnlabelledRows, BinaryMetrics Metrics);

/// <summary>Measures a model on labelled data.</summary>
public static class ModelEvaluation
{
    /// <param name="modelPath">A model folder or file.</param>
    /// <param name="data">A CSV file, a Parquet file, or a folder of Parquet files.</param>
    /// <param name="label">Label column; null takes the one the model was trained on.</param>
    /// <param name="positive">Text of the positive class; null takes that of training, or recognises a plain yes/no.</param>
    /// <exception cref="DataFileException">No model, no label column, or a damaged table.</exception>
    public static EvaluationResult Run(
        string modelPath, string data, string? label = null, string? positive = null,
        IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        var model = ModelFolder.Load(modelPath);
        var trained = ModelFolder.ReadReport(modelPath, model.Id)?.Schema;
        var table = TextTable.Read(data, StageReporter.For(progress, "Reading " + Path.GetFileName(data)), cancellation);
        label ??= TableColumns.Find(table.Cells, trained?.LabelColumn, table.Schema?.LabelColumn)
            ?? throw new DataFileException(data, "which column is the label? The table has the columns "
                + string.Join(", ", table.Cells.ColumnNames), "Name it with --label.");
        if (!table.Cells.HasColumn(label))
            throw new DataFileException(data, $"there is no label column '{label}'. The table has the columns "
                + string.Join(", ", table.Cells.ColumnNames), "Name it with --label.");
        positive ??= label == trained?.LabelColumn ? trained.PositiveValue : null;
        var labels = LabelColumn.Read(table, label, positive);
        var cells = TableColumns.Rows(TableColumns.For(table, model.Schema), labels.Rows);
        var values = table.Places.Locate(labels.Rows, () => model.Schema.Encode(cells));
        var rows = new LearningRows(model.Schema, values, labels.Labels);
        return new EvaluationResult(model.Name, model.Id, table.Cells.RowCount, labels.UnlabelledRows,
            BinaryMetrics.Compute(rows.Score(model), rows.Labels));
    }
}
