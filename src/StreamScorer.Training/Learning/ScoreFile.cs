using System.Globalization;
using CsvHelper;
using StreamScorer.Forests;
using StreamScorer.Parquet;
using StreamScorer.Training.Files;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>
/// The file <c>score</c> writes: lead_id, model_name, model_id, raw_score, probability, bucket, tier, hot; one row per row of
/// the table, in its order. Columns have the names and types they have in the worker's checkpoints.
/// </summary>
internal static class ScoreFile
{
    private static readonly ParquetSchema Columns = new(
        new ParquetColumn("lead_id", ParquetType.String),
        new ParquetColumn("model_name", ParquetType.String),
        new ParquetColumn("model_id", ParquetType.String),
        new ParquetColumn("raw_score", ParquetType.Double),
        new ParquetColumn("probability", ParquetType.Double),
        new ParquetColumn("bucket", ParquetType.Int32),
        new ParquetColumn("tier", ParquetType.String),
        new ParquetColumn("hot", ParquetType.Boolean));

    /// <exception cref="DataFileException">The name ends in neither .csv nor .parquet.</exception>
    public static void RequireKnownExtension(string path)
    {
        if (IsCsv(path) || path.EndsWith(ParquetFiles.Extension, StringComparison.OrdinalIgnoreCase)) return;
        throw new DataFileException(path, "the name says neither CSV nor Parquet", "Let it end in .csv or .parquet.");
    }

    /// <param name="path">Where the file shall stand; replaced when it exists.</param>
    /// <param name="ids">One per row; null to number the rows from 1.</param>
    public static void Write(string path, ForestModel model, string?[]? ids, double[] raw, double[] probability)
    {
        var full = Path.GetFullPath(path);
        using var staged = new StagedOutput(Path.GetDirectoryName(full)!);
        var target = staged.StageFile(Path.GetFileName(full));
        var rows = Rows(model, ids, raw, probability);
        if (IsCsv(path)) WriteCsv(target, rows);
        else WriteParquet(target, rows);
        staged.Publish();
    }

    private static bool IsCsv(string path) => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Row> Rows(ForestModel model, string?[]? ids, double[] raw, double[] probability)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            var bucket = model.BucketOf(probability[i]);
            yield return new Row(
                ids is null ? (i + 1).ToString(CultureInfo.InvariantCulture) : ids[i] ?? "", model.Name, model.Id, raw[i],
                probability[i], bucket, ForestModel.TierOf(bucket).ToString(), probability[i] > BinaryMetrics.HotThreshold);
        }
    }

    private static void WriteCsv(string path, IEnumerable<Row> rows)
    {
        using var csv = CsvWriter.ToFile(path);
        csv.WriteRecord([.. Columns.Columns.Select(column => column.Name)]);
        foreach (var row in rows)
        {
            csv.WriteRecord(row.LeadId, row.ModelName, row.ModelId, row.Raw.ToString("R", CultureInfo.InvariantCulture),
                row.Probability.ToString("R", CultureInfo.InvariantCulture), row.Bucket.ToString(CultureInfo.InvariantCulture),
                row.Tier, row.Hot ? "true" : "false");
        }
    }

    private static void WriteParquet(string path, IEnumerable<Row> rows)
    {
        using var file = ParquetFileWriter.Create(path + ".writing", Columns);
        foreach (var row in rows)
        {
            file.Column(0).Append(row.LeadId);
            file.Column(1).Append(row.ModelName);
            file.Column(2).Append(row.ModelId);
            file.Column(3).Append(row.Raw);
            file.Column(4).Append(row.Probability);
            file.Column(5).Append(row.Bucket);
            file.Column(6).Append(row.Tier);
            file.Column(7).Append(row.Hot);
            file.EndRow();
        }

        file.CompleteAs(path);
    }

    private readonly record struct Row(
        string LeadId, string ModelName, string ModelId, double Raw, double Probability, int Bucket, string Tier, bool Hot);
}
