namespace StreamScorer.App.ParquetFiles;

/// <summary>Finds the Parquet files that paths on a command line name.</summary>
internal static class ParquetPaths
{
    /// <summary>Files as they are given, and of folders every *.parquet below them in order of name.</summary>
    /// <exception cref="IOException">A path does not exist, or a folder has no such file: a check of nothing must not pass.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(File.Exists(path) ? path : throw new FileNotFoundException($"There is no file or folder {path}."));
                continue;
            }

            var found = Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
            if (found.Count == 0)
                throw new FileNotFoundException($"There is no *.parquet file in {path} or below.");
            files.AddRange(found);
        }

        return files;
    }
}
