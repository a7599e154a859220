using Xunit;

namespace StreamScorer.Tests.Repository;

/// <summary>
/// What others rely on, frozen in a file under <c>Snapshots/</c>. A change shows in review as a change of that file;
/// <c>STREAMSCORER_UPDATE_SNAPSHOTS=1</c> writes the files anew.
/// </summary>
internal static class Snapshot
{
    internal static bool Updating => Environment.GetEnvironmentVariable("STREAMSCORER_UPDATE_SNAPSHOTS") == "1";

    public static string Folder => Path.Combine(RepositoryFolder.Path, "tests", "StreamScorer.Tests", "Snapshots");

    public static void Matches(string name, string text)
    {
        var actual = string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Trim() + "\n";
        var file = Path.Combine(Folder, name);
        if (Updating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }
        Assert.True(File.Exists(file), $"no {file}; STREAMSCORER_UPDATE_SNAPSHOTS=1 ./streamscorer test unit writes it");
        Assert.Equal(File.ReadAllText(file), actual);
    }
}
