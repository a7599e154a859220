namespace StreamScorer.App;

/// <summary>
/// The folder that holds the launcher, <c>models/</c>, <c>data/</c> and the git-ignored <c>.local/</c>.
/// </summary>
public static class InstallationFolder
{
    /// <summary>
    /// Full path: <c>STREAMSCORER_HOME</c> when set (the launcher sets it), else the nearest folder above the program
    /// that holds <c>StreamScorer.sln</c>, else the current directory.
    /// </summary>
    public static string Path { get; } = Find();

    /// <summary>Full path of a file or folder below <c>.local/</c>, which git ignores.</summary>
    public static string Local(params string[] parts) =>
        System.IO.Path.Combine([Path, ".local", .. parts]);

    private static string Find()
    {
        var fromEnvironment = Environment.GetEnvironmentVariable("STREAMSCORER_HOME");
        if (!string.IsNullOrWhiteSpace(fromEnvironment))
            return System.IO.Path.GetFullPath(fromEnvironment);

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "StreamScorer.sln")))
                return folder.FullName;
        }
        return Directory.GetCurrentDirectory();
    }
}
