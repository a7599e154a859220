using System.Globalization;
using StreamScorer.Forests;
using StreamScorer.Parquet;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Tables;

/// <summary>A table of text cells from a CSV file, a Parquet file, or a folder of Parquet files.</summary>
public sealed class TextTable
{
    private TextTable(string source, RawTable cells, TrainingSchema? schema, IReadOnlyList<int>? lines)
    {
        Source = source;
        Cells = cells;
        Schema = schema;
        Places = new RowPlaces(source, cells.ColumnNames, lines);
    }

    /// <summary>The path it was read from.</summary>
    public string Source { get; }

    public RawTable Cells { get; }

    /// <summary>Where its rows stand in the file.</summary>
    public RowPlaces Places { get; }

    /// <summary>What the columns mean, where the file says so itself (prepared datasets do).</summary>
    public TrainingSchema? Schema { get; }

    /// <summary>
    /// Reads everything into memory. Numbers become their shortest text that reads back the same, timestamps RFC 3339 in
    /// UTC, booleans <c>true</c> and <c>false</c>; an empty CSV cell is null.
    /// </summary>
    /// <param name="path">*.csv, *.parquet, or a folder with *.parquet files of one schema.</param>
    /// <exception cref="DataFileException">Not readable, damaged, of another kind, or without any row.</exception>
    public static TextTable Read(string path, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var isCsv = path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
        var table = isCsv ? ReadCsv(path, progress, cancellation) : ReadParquet(path, progress, cancellation);
        if (table.Cells.RowCount == 0)
            throw new DataFileException(path, "the table has no rows", "Give a table with data.");
        return table;
    }

    private static TextTable ReadCsv(string path, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var csv = new CsvRecordReader(path);
        var columns = csv.Header.Select(_ => new List<string?>()).ToArray();
        var lines = new List<int>();
        while (csv.Read())
        {
            lines.Add((int)csv.Line);
            for (var i = 0; i < columns.Length; i++) columns[i].Add(csv[i]);
            if ((columns[0].Count & 1023) != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((double)csv.PositionBytes / csv.LengthBytes);
        }

        return new TextTable(path, new RawTable(csv.Header, [.. columns.Select(cells => cells.ToArray())]), null, lines);
    }

    private static TextTable ReadParquet(string path, IProgress<double>? progress, CancellationToken cancellation)
    {
        var files = ParquetFiles.In(path);
        List<string?>[]? columns = null;
        string[] names = [];
        TrainingSchema? schema = null;
        for (var i = 0; i < files.Count; i++)
        {
            using var reader = ParquetFiles.Open(files[i]);
            var found = reader.Schema.Columns.Select(column => column.Name).ToArray();
            if (columns is null)
            {
                names = found;
                columns = [.. names.Select(_ => new List<string?>())];
                if (reader.Metadata.TryGetValue(PreparedLayout.SchemaKey, out var json))
                    schema = TrainingSchemaJson.Read(json, files[i]);
            }

            if (!found.SequenceEqual(names))
                throw new DataFileException(files[i], "its columns are not those of the files before it",
                    "Keep tables with different columns in folders of their own.");
            Append(reader, files[i], columns, cancellation);
            progress?.Report((i + 1.0) / files.Count);
        }

        return new TextTable(path, new RawTable(names, [.. columns!.Select(cells => cells.ToArray())]), schema, null);
    }

    private static void Append(
        ParquetFileReader reader, string file, List<string?>[] columns, CancellationToken cancellation)
    {
        var values = new ColumnValues();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            for (var column = 0; column < columns.Length; column++)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    reader.ReadColumn(group, column, values);
                }
                catch (ParquetException error)
                {
                    throw ParquetFiles.Damaged(file, error);
                }

                var pool = new Dictionary<string, string>(StringComparer.Ordinal);
                for (var row = 0; row < values.Count; row++) columns[column].Add(Pooled(pool, ParquetCell.Text(values, row)));
            }
        }
    }

    /// <summary>One string for equal cells, as long as there are not too many: a category column is a handful of texts.</summary>
    private static string? Pooled(Dictionary<string, string> pool, string? text)
    {
        const int MostTexts = 4096;
        if (text is null) return null;
        if (pool.TryGetValue(text, out var known)) return known;
        if (pool.Count < MostTexts) pool.Add(text, text);
        return text;
    }
}
