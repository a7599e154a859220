using StreamScorer.Parquet;

namespace StreamScorer.Training.Tables;

/// <summary>Finds and opens Parquet files, with errors that say what to do.</summary>
internal static class ParquetFiles
{
    public const string Extension = ".parquet";

    /// <summary>The files of a dataset: the file itself, or a folder's *.parquet by name; at least one.</summary>
    /// <exception cref="DataFileException">There are none.</exception>
    public static IReadOnlyList<string> In(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path))
            throw new DataFileException(path, "there is no such file or folder", "Check the path, or make it with prepare.");
        var files = Directory.GetFiles(path, "*" + Extension);
        if (files.Length == 0)
            throw new DataFileException(path, "the folder holds no .parquet files", "Name a prepared folder or file.");
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <exception cref="DataFileException">Not readable as Parquet.</exception>
    public static ParquetFileReader Open(string path)
    {
        OpenCheck.FileLength(path);
        try
        {
            return ParquetFileReader.Open(path);
        }
        catch (ParquetException error)
        {
            throw Damaged(path, error);
        }
    }

    public static DataFileException Damaged(string path, ParquetException error)
        => new(path, "the Parquet file cannot be read: " + error.Problem.TrimEnd('.'),
            "Write or download it again.", columnName: error.Column, inner: error);
}
