using StreamScorer.Parquet;

namespace StreamScorer.App.Audit;

/// <summary>A checkpoint file as it lies on disk.</summary>
/// <param name="Root">Its archive root.</param>
/// <param name="Name">Its final path below that root; how findings call it.</param>
/// <param name="Registered">Its registration; null for a visible file that nobody registered.</param>
internal sealed record ArchiveFile(string Root, string Name, RegisteredFile? Registered)
{
    /// <summary>
    /// Opens the file under its final name, else under its staged one, else again under the final one: a live worker
    /// may publish it between two looks.
    /// </summary>
    /// <exception cref="ParquetException">The file is damaged.</exception>
    /// <exception cref="IOException">The file is under neither name, or cannot be read.</exception>
    public ParquetFileReader Open()
    {
        var final = Path.Combine(Root, Name);
        if (Registered?.StagedPath is { } staged && !File.Exists(final))
        {
            try
            {
                return ParquetFileReader.Open(Path.Combine(Root, staged));
            }
            catch (IOException) when (File.Exists(final))
            {
            }
        }

        return ParquetFileReader.Open(final);
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
        }

        return unknown;
    }

    private string UnknownRoot(Guid storageId)
    {
        var given = string.Join(", ", _roots.Select(root => $"{root.Value} is {root.Key}").Concat(UnidentifiedRoots.Select(root => $"{root} has no {StorageIdFile} file")));
        return $"It was written to the archive root {storageId}, which is none of those given ({given}); name its folder with --checkpoints.";
    }

    private static bool IsThere(string root, RegisteredFile file)
    {
        // Looked at twice, because a live worker may publish the file between the first look and the second.
        var final = Path.Combine(root, file.FinalPath!);
        return File.Exists(final) || File.Exists(Path.Combine(root, file.StagedPath!)) || File.Exists(final);
    }
}
