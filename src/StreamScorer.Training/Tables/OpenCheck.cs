namespace StreamScorer.Training.Tables;

/// <summary>Turns "cannot open" into an error that says which file and why, before any reader is set on it.</summary>
internal static class OpenCheck
{
    /// <summary>The length in bytes of a readable file.</summary>
    /// <exception cref="DataFileException">Absent, a folder, or not readable.</exception>
    public static long FileLength(string path)
    {
        if (Directory.Exists(path)) throw new DataFileException(path, "this is a folder, not a file", "Name a file in it.");
        if (!File.Exists(path)) throw new DataFileException(path, "there is no such file", "Check the path.");
        try
        {
            using var handle = File.OpenHandle(path);
            return RandomAccess.GetLength(handle);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, "the file cannot be read: " + error.Message.TrimEnd('.'),
                "Check its permissions.", inner: error);
        }
    }
}
