using StreamScorer.Parquet;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Preparation;

/// <summary>
/// A folder of prepared Parquet files (or one such file), in order of their names, to be read file by file. Files say
/// themselves which schema they follow; all files of a dataset follow the same.
/// </summary>
public sealed class PreparedDataset
{
    private PreparedDataset(string path, TrainingSchema schema, IReadOnlyList<PreparedFile> files)
    {
        Path = path;
        Schema = schema;
        Files = files;
        RowCount = files.Sum(file => file.RowCount);
    }

    public string Path { get; }

    public TrainingSchema Schema { get; }

    /// <summary>At least one, sorted by file name.</summary>
    public IReadOnlyList<PreparedFile> Files { get; }

    public long RowCount { get; }

    /// <summary>Reads the footers of all files.</summary>
    /// <param name="path">A folder with *.parquet files or one file.</param>
    /// <exception cref="DataFileException">Nothing there, not Parquet, not from <c>prepare</c>, or mixed schemas.</exception>
    public static PreparedDataset Open(string path)
    {
        TrainingSchema? schema = null;
        string? schemaJson = null;
        var files = new List<PreparedFile>();
        foreach (var name in ParquetFiles.In(path))
        {
            using var reader = ParquetFiles.Open(name);
            if (!reader.Metadata.TryGetValue(PreparedLayout.SchemaKey, out var json))
                throw new DataFileException(name, "the file does not say which schema it follows (metadata "
                    + PreparedLayout.SchemaKey + ")", "Use files written by prepare or generate.");
            if (schemaJson is not null && json != schemaJson)
                throw new DataFileException(name, "its schema is not that of the files before it",
                    "Keep datasets with different schemas in folders of their own.");
            schemaJson = json;
            schema ??= TrainingSchemaJson.Read(json, name);
            CheckColumns(name, reader.Schema, PreparedLayout.Columns(schema));
            files.Add(new PreparedFile(name, reader.RowCount, schema));
        }

        return new PreparedDataset(path, schema!, files);
    }

    private static void CheckColumns(string file, ParquetSchema found, ParquetSchema expected)
    {
        foreach (var column in expected.Columns)
        {
            var at = found.IndexOf(column.Name);
            if (at < 0 || found.Columns[at].Type != column.Type)
                throw new DataFileException(file, at < 0
                        ? $"the column {column.Name} is missing"
                        : $"the column {column.Name} is {found.Columns[at].Type}, not {column.Type}",
                    "Prepare the dataset again.");
        }
    }
}
