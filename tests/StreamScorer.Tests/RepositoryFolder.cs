namespace StreamScorer.Tests;

/// <summary>Where tests find the repository and the reference data that may stand beside it.</summary>
internal static class RepositoryFolder
{
    /// <summary>The folder with StreamScorer.sln.</summary>
    public static string Path { get; } = Find();

    /// <summary>The folder with third-party reference data: STREAMSCORER_SHARED, or ../shared beside the repository.</summary>
    public static string Shared { get; } = Environment.GetEnvironmentVariable("STREAMSCORER_SHARED") is { Length: > 0 } set
        ? set
        : System.IO.Path.Combine(Path, "..", "shared");

    /// <summary>A file of the reference data; it may be absent.</summary>
    public static string SharedData(string name) => System.IO.Path.Combine(Shared, "data", name);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "StreamScorer.sln"))) return folder.FullName;
        throw new InvalidOperationException("The tests do not run from within the repository.");
    }
}
