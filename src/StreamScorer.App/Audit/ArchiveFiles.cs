using StreamScorer.Parquet;
using StreamScorer.Sinks.Compaction;

namespace StreamScorer.App.Audit;

/// <summary>A checkpoint file as it lies on disk.</summary>
/// <param name="Root">Its archive root.</param>
/// <param name="Name">Its final path below that root; how findings call it.</param>
/// <param name="Registered">Its registration; null for a visible file that nobody registered.</param>
internal sealed record ArchiveFile(string Root, string Name, RegisteredFile? Registered)
{
    /// <summary>Opens the file wherever it lies now.</summary>
    /// <exception cref="ParquetException">The file is damaged.</exception>
    /// <exception cref="IOException">The file is under none of its names, or cannot be read.</exception>
    public ParquetFileReader Open()
    {
        foreach (var place in PlacesOf(Root, Name, Registered?.StagedPath))
        {
            try
            {
                return ParquetFileReader.Open(place);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // It has another name by now, or the error below names it.
            }
        }

        return ParquetFileReader.Open(Path.Combine(Root, Name));
    }

    /// <summary>
    /// Where a file may lie: under its final name, its staged one before publication, beside its day's folder after a
    /// compaction; the first two again, because it may get its final name between two looks.
    /// </summary>
    public static IEnumerable<string> PlacesOf(string root, string finalPath, string? stagedPath)
    {
        string[] places = stagedPath is null
            ? [finalPath, CompactionFolders.BesideOf(finalPath)]
            : [finalPath, stagedPath, finalPath, CompactionFolders.BesideOf(finalPath)];
        return places.Select(place => Path.Combine(root, place));
    }
}

/// <summary>Why a registered file cannot be read.</summary>
internal sealed record MissingFile(RegisteredFile Registered, string Reason);

/// <summary>
/// The files of the archive at a snapshot: registered ones under their final or, before publication, their staged name.
/// </summary>
internal sealed class ArchiveFiles
{
    private const string StorageIdFile = "storage_id";
    private const string VisibleFolder = "scores";

    private readonly Dictionary<Guid, string> _roots = [];

    /// <summary>Reads the identity of each archive root.</summary>
    /// <param name="folders">The archive roots: one, or one per disk where workers do not share.</param>
    public ArchiveFiles(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            var root = Path.GetFullPath(folder);
            var identity = Path.Combine(root, StorageIdFile);
            if (File.Exists(identity) && Guid.TryParse(File.ReadAllText(identity).Trim(), out var storageId))
                _roots[storageId] = root;
            else
                UnidentifiedRoots.Add(root);
        }
    }

    /// <summary>Given folders that no worker has ever used as an archive root.</summary>
    public List<string> UnidentifiedRoots { get; } = [];

    /// <summary>Registered files that are there.</summary>
    public List<ArchiveFile> Present { get; } = [];

    /// <summary>Registered files that are not.</summary>
    public List<MissingFile> Missing { get; } = [];

    /// <summary>Looks for every registered file that has rows.</summary>
    public void Locate(IEnumerable<RegisteredFile> files)
    {
        foreach (var file in files.Where(file => file.FinalPath is not null).OrderBy(file => file.RegisteredAt).ThenBy(file => file.FileId))
        {
            if (!_roots.TryGetValue(file.StorageId, out var root))
                Missing.Add(new MissingFile(file, UnknownRoot(file.StorageId)));
            else if (IsThere(root, file))
                Present.Add(new ArchiveFile(root, file.FinalPath!, file));
            else
                Missing.Add(new MissingFile(file, $"The file is in {root} neither under its final nor under its staged name."));
        }
    }

    /// <summary>Visible files that the snapshot does not know: registered since, or by nobody.</summary>
    public IReadOnlyList<ArchiveFile> Unknown(IEnumerable<RegisteredFile> known)
    {
        var names = known.Select(file => (file.StorageId, file.FinalPath)).ToHashSet();
        var unknown = new List<ArchiveFile>();
        foreach (var (storageId, root) in _roots)
        {
            var visible = Path.Combine(root, VisibleFolder);
            if (!Directory.Exists(visible))
                continue;
            foreach (var path in Directory.EnumerateFiles(visible, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var name = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
                if (!names.Contains((storageId, name)))
                    unknown.Add(new ArchiveFile(root, name, null));
            }

            // Read after the folder was listed: a journal that is closed by now was closed after the manifest was told.
            unknown.RemoveAll(InJournals(root).Contains);
        }

        return unknown;
    }

    /// <summary>The large files of compactions that the manifest is not told of yet; their rows are those of files it knows.</summary>
    private static HashSet<ArchiveFile> InJournals(string root)
    {
        var folder = Path.Combine(root, CompactionFolders.WorkFolder);
        var files = new HashSet<ArchiveFile>();
        if (!Directory.Exists(folder))
            return files;
        foreach (var journal in Directory.EnumerateFiles(folder, "day=*.json").Where(path => !path.EndsWith(".done.json", StringComparison.Ordinal)))
        {
            if (CompactionPlan.Read(journal) is { } plan)
            {
                var folders = new CompactionFolders(root, plan.Day);
                files.UnionWith(plan.Outputs.Select(output => new ArchiveFile(root, folders.FinalPath(output.FileId), null)));
            }
        }

        return files;
    }

    private string UnknownRoot(Guid storageId)
    {
        var given = string.Join(", ", _roots.Select(root => $"{root.Value} is {root.Key}")
            .Concat(UnidentifiedRoots.Select(root => $"{root} has no {StorageIdFile} file")));
        return $"It was written to the archive root {storageId}, which is none of those given ({given}); name its folder with --checkpoints.";
    }

    private static bool IsThere(string root, RegisteredFile file) =>
        ArchiveFile.PlacesOf(root, file.FinalPath!, file.StagedPath).Any(File.Exists);
}
