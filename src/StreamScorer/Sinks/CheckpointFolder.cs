using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace StreamScorer.Sinks;

/// <summary>
/// The archive root: <c>storage_id</c>, <c>staging/</c> and <c>scores/day=YYYY-MM-DD/</c>. Shared by all workers of one
/// group, it outlives them. Paths that leave this class are relative to the root, with forward slashes. Safe for
/// concurrent use, by several processes too.
/// </summary>
/// <param name="root">Path of the archive root; <see cref="OpenStorage"/> creates it when missing.</param>
/// <param name="disk">Where it lies; null: the machine's file system.</param>
public sealed class CheckpointFolder(string root, IArchiveDisk? disk = null)
{
    /// <summary>Where files grow, below the root.</summary>
    internal const string StagingFolder = "staging";

    private const string StorageFile = "storage_id";
    private const string ScoresFolder = "scores";
    private const string SidecarExtension = ".json";

    // Day folders whose own entry this process has synced; another process may have made one and not synced it yet.
    private readonly ConcurrentDictionary<string, bool> _syncedFolders = new(StringComparer.Ordinal);

    /// <summary>Where the archive lies.</summary>
    public IArchiveDisk Disk { get; } = disk ?? new LocalDisk();

    /// <summary>Full path of the archive root.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Relative path of a staged file: <c>staging/&lt;file_id&gt;</c>, which no reader's *.parquet matches.</summary>
    public static string StagedPath(Guid fileId) => $"{StagingFolder}/{fileId}";

    /// <summary>Relative path of a published file: <c>scores/day=YYYY-MM-DD/&lt;file_id&gt;.parquet</c>, a UTC day.</summary>
    public static string FinalPath(Guid fileId, DateTimeOffset closedAt) => string.Create(
        CultureInfo.InvariantCulture, $"{ScoresFolder}/day={closedAt.UtcDateTime:yyyy-MM-dd}/{fileId}.parquet");

    /// <summary>Full path of a relative one.</summary>
    public string FullPath(string relative) => Path.Combine(Root, relative);

    /// <summary>
    /// Makes the folders and gives the root's identity, from its <c>storage_id</c> file; whichever worker comes first
    /// writes it, once.
    /// </summary>
    /// <exception cref="InvalidDataException">The file does not hold a UUID.</exception>
    public Guid OpenStorage()
    {
        Disk.CreateFolder(FullPath(StagingFolder));
        Disk.CreateFolder(FullPath(ScoresFolder));
        string path = FullPath(StorageFile);
        if (!Disk.FileExists(path))
            WriteStorageId(path);

        // The file's creator may not have come to this yet, and everything registered hangs on these names.
        Disk.SyncFolder(Root);
        Disk.SyncFolder(Path.GetDirectoryName(Root) ?? Root);
        string text = Encoding.ASCII.GetString(Disk.Read(path)).Trim();
        return Guid.TryParse(text, out var storageId)
            ? storageId
            : throw new InvalidDataException(
                $"{path} should hold the UUID of this checkpoint folder and holds something else. "
                + "Put back the UUID that table archive_roots names for it, or choose an empty Checkpoint:Folder.");
    }

    /// <summary>
    /// Publish: gives a registered file its final name and makes that durable. Finding it already renamed, by this or
    /// another worker, is fine.
    /// </summary>
    /// <param name="stagedPath">Relative path, as registered.</param>
    /// <param name="finalPath">Relative path, as registered.</param>
    /// <exception cref="FileNotFoundException">The file is under neither name: its rows are lost.</exception>
    public void Publish(string stagedPath, string finalPath)
    {
        string staged = FullPath(stagedPath);
        string final = FullPath(finalPath);
        string folder = Path.GetDirectoryName(final)!;
        MakeFolder(folder);
        try
        {
            if (Disk.FileExists(staged))
                Disk.Rename(staged, final);
        }
        catch (IOException) when (!Disk.FileExists(staged) && Disk.FileExists(final))
        {
            // Another worker renamed it between the two calls; what is left is the sync below.
        }

        if (!Disk.FileExists(final))
        {
            throw new FileNotFoundException(
                $"Registered checkpoint file {finalPath} is neither there nor staged as {stagedPath} in {Root}.", final);
        }

        // Also where somebody else renamed: it may not have come to its own sync.
        Disk.SyncFolder(folder);
        Disk.Delete(staged + SidecarExtension);
    }

    /// <summary><see cref="Publish"/> beside the caller.</summary>
    public Task PublishAsync(string stagedPath, string finalPath, CancellationToken ct) =>
        BesideAsync(() => Publish(stagedPath, finalPath), ct);

    /// <summary>Deletes a staged file, with its sidecar, that is known never to be registered.</summary>
    public void Discard(Guid fileId)
    {
        string staged = FullPath(StagedPath(fileId));
        Disk.Delete(staged);
        Disk.Delete(staged + SidecarExtension);
    }

    /// <summary><see cref="Discard"/> beside the caller.</summary>
    public Task DiscardAsync(Guid fileId, CancellationToken ct) => BesideAsync(() => Discard(fileId), ct);

    /// <summary>
    /// Staged files with a readable sidecar, and sidecars whose file is gone. What has no readable sidecar is unsure
    /// and not listed.
    /// </summary>
    public IReadOnlyList<StagedFile> StagedFiles()
    {
        var files = new List<StagedFile>();
        foreach (string sidecar in Disk.Files(FullPath(StagingFolder), SidecarExtension))
        {
            if (Guid.TryParseExact(Path.GetFileNameWithoutExtension(sidecar), "D", out var fileId)
                && StagingSidecar.TryRead(Disk, sidecar, fileId) is { } file)
            {
                files.Add(file);
            }
        }

        return files;
    }

    /// <summary>Whether the staged file itself is there.</summary>
    internal bool HasStaged(Guid fileId) => Disk.FileExists(FullPath(StagedPath(fileId)));

    /// <summary>Writes the sidecar of a file about to be staged.</summary>
    internal void WriteSidecar(StagingSidecar sidecar) =>
        sidecar.Write(Disk, FullPath(StagedPath(sidecar.FileId)) + SidecarExtension);

    private void WriteStorageId(string path)
    {
        string staged = $"{path}.{Guid.NewGuid()}";
        Disk.Write(staged, Encoding.ASCII.GetBytes($"{Guid.NewGuid()}\n"));
        Disk.SyncFile(staged);
        if (!Disk.PutIfAbsent(staged, path))
            Disk.Delete(staged);
    }

    private Task<bool> BesideAsync(Action work, CancellationToken ct) => Disk.RunAsync(
        () =>
        {
            work();
            return true;
        },
        ct);

    private void MakeFolder(string folder)
    {
        if (_syncedFolders.ContainsKey(folder))
            return;
        Disk.CreateFolder(folder);
        Disk.SyncFolder(Path.GetDirectoryName(folder)!);
        _syncedFolders.TryAdd(folder, true);
    }
}
