namespace StreamScorer.Tests.Repository;

/// <summary>A text file of the repository, read once.</summary>
/// <param name="Path">Relative to the repository, with slashes.</param>
internal sealed record SourceFile(string Path, string Text)
{
    private static readonly HashSet<string> NotSources =
        ["bin", "obj", ".git", ".local", ".feed", ".vs", ".idea", "node_modules", "TestResults", "artifacts", "data", "models"];

    private static readonly Lazy<IReadOnlyList<SourceFile>> Files = new(() => Read(RepositoryFolder.Path).ToList());

    /// <summary>Every text file that belongs to the repository: no build results, no data, no local state.</summary>
    public static IReadOnlyList<SourceFile> All => Files.Value;

    public static IEnumerable<SourceFile> CSharp => All.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> Markdown => All.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal));

    public IReadOnlyList<string> Lines => Text.Split('\n');

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public bool IsBelow(params string[] folders) =>
        folders.Any(folder => Path.StartsWith(folder + "/", StringComparison.Ordinal));

    private static IEnumerable<SourceFile> Read(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            // Binary files (the shipped Parquet, images) hold zero bytes early on.
            var bytes = File.ReadAllBytes(file);
            if (!bytes.AsSpan(0, Math.Min(bytes.Length, 4096)).Contains((byte)0))
                yield return new SourceFile(
                    System.IO.Path.GetRelativePath(RepositoryFolder.Path, file), System.Text.Encoding.UTF8.GetString(bytes));
        }
        foreach (var below in Directory.EnumerateDirectories(folder))
        {
            if (NotSources.Contains(System.IO.Path.GetFileName(below)))
                continue;
            foreach (var file in Read(below))
                yield return file;
        }
    }
}
