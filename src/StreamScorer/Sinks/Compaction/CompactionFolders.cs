using System.Globalization;

namespace StreamScorer.Sinks.Compaction;

/// <summary>
/// Where a compaction of one day works: <c>scores/day=…</c>, which readers see, and <c>compaction/day=…</c>, where the
/// large files are written and, after the exchange, the small ones lie until they are deleted. Beside <c>scores</c>
/// rather than in it, so that nobody who reads scores/**/*.parquet ever meets a row twice.
/// </summary>
/// <param name="root">The archive root.</param>
/// <param name="day">The folder's name, <c>day=YYYY-MM-DD</c>.</param>
public sealed class CompactionFolders(string root, string day)
{
    private const string ScoresFolder = "scores";
    private const string DayPrefix = "day=";

    /// <summary>The archive's folder for compactions, below its root.</summary>
    public const string WorkFolder = "compaction";

    /// <summary>The day's folder name.</summary>
    public string Day => day;

    /// <summary>The folder that readers see.</summary>
    public string Visible { get; } = Path.Combine(root, ScoresFolder, day);

    /// <summary>The folder beside it.</summary>
    public string Beside { get; } = Path.Combine(root, WorkFolder, day);

    /// <summary>The journal of a compaction that is under way.</summary>
    public string Journal { get; } = Path.Combine(root, WorkFolder, day + ".json");

    /// <summary>The journal of one that is done, while its small files are kept; its time is when that was.</summary>
    public string ClosedJournal { get; } = Path.Combine(root, WorkFolder, day + ".done.json");

    /// <summary>The final path of a file, below the archive root, as checkpoint_files holds it.</summary>
    public string FinalPath(Guid fileId) => $"{ScoresFolder}/{day}/{fileId}.parquet";

    /// <summary>Where else a published file may lie, below the archive root: exchanged out of its day's folder.</summary>
    /// <param name="finalPath">Relative path, as registered.</param>
    public static string BesideOf(string finalPath) => finalPath.StartsWith(ScoresFolder + "/", StringComparison.Ordinal)
        ? WorkFolder + finalPath[ScoresFolder.Length..]
        : finalPath;

    /// <summary>Finds the archive root and the days that a folder on a command line names: a day's folder, or a root.</summary>
    /// <exception cref="DirectoryNotFoundException">It is neither.</exception>
    public static (string Root, IReadOnlyList<string> Days) Find(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string name = Path.GetFileName(full);
        string? parent = Path.GetDirectoryName(full);
        if (TryParseDay(name, out _) && Path.GetFileName(parent) == ScoresFolder && Directory.Exists(full))
            return (Path.GetDirectoryName(parent)!, [name]);
        string scores = Path.Combine(full, ScoresFolder);
        if (!Directory.Exists(scores))
        {
            throw new DirectoryNotFoundException(
                $"{folder} is neither an archive root (setting Checkpoint:Folder) nor a day's folder in one, such as scores/day=2026-11-20.");
        }

        return (full, [.. Directory.EnumerateDirectories(scores).Select(path => Path.GetFileName(path)!)
            .Where(each => TryParseDay(each, out _)).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whether the day has been over for so long at this time.</summary>
    public bool IsClosed(DateTimeOffset now, TimeSpan closedFor) =>
        TryParseDay(day, out var date) && now.UtcDateTime >= date.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) + closedFor;

    private static bool TryParseDay(string name, out DateOnly day)
    {
        day = default;
        return name.StartsWith(DayPrefix, StringComparison.Ordinal) && DateOnly.TryParseExact(
            name.AsSpan(DayPrefix.Length), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }
}
