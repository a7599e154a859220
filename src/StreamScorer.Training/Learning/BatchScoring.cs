using StreamScorer.Forests;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>What was scored.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Id">Id of the model.</param>
/// <param name="Rows">Rows scored: all rows of the table.</param>
/// <param name="HotRows">Rows above 0.7.</param>
/// <param name="Output">The file written.</param>
public sealed record ScoringResult(string Model, string Id, int Rows, int HotRows, string Output);

/// <summary>Scores a table offline, by the same rules and to the same bits as the stream does.</summary>
public static class BatchScoring
{
    /// <param name="modelPath">A model folder or file.</param>
    /// <param name="data">A CSV file, a Parquet file, or a folder of Parquet files.</param>
    /// <param name="output">*.csv or *.parquet; appears when it is complete.</param>
    /// <param name="idColumn">Column copied as <c>lead_id</c>; null takes that of training, else the row number, from 1.</param>
    /// <exception cref="DataFileException">No model, a damaged table, an unknown id column, or another extension.</exception>
    public static ScoringResult Run(
        string modelPath, string data, string output, string? idColumn = null,
        IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ScoreFile.RequireKnownExtension(output);
        var model = ModelFolder.Load(modelPath);
        var table = TextTable.Read(data, StageReporter.For(progress, "Reading " + Path.GetFileName(data)), cancellation);
        if (idColumn is not null && !table.Cells.HasColumn(idColumn))
            throw new DataFileException(data, $"there is no column '{idColumn}'. The table has the columns "
                + string.Join(", ", table.Cells.ColumnNames), "Check --id.");
        idColumn ??= TableColumns.Find(table.Cells, ModelFolder.ReadReport(modelPath, model.Id)?.Schema.IdColumn,
            table.Schema?.IdColumn, PreparedLayout.LeadIdColumn);
        var rows = table.Places.Locate(null, () => model.Schema.Encode(TableColumns.For(table, model.Schema)));
        var raw = new double[table.Cells.RowCount];
        var probability = new double[raw.Length];
        model.CreateScorer().Score(rows, raw, probability);
        cancellation.ThrowIfCancellationRequested();
        ScoreFile.Write(output, model, idColumn is null ? null : table.Cells.Column(idColumn), raw, probability);
        var hot = probability.Count(value => value > BinaryMetrics.HotThreshold);
        return new ScoringResult(model.Name, model.Id, raw.Length, hot, output);
    }
}
