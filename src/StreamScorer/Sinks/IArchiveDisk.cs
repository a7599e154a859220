namespace StreamScorer.Sinks;

/// <summary>
/// The file-system steps that the archive root is made of: <see cref="LocalDisk"/>, or the simulation's disk, which
/// forgets at a power loss what was not synced. Paths are full paths; errors are those of <see cref="File"/>.
/// </summary>
public interface IArchiveDisk
{
    /// <summary>Whether a file stands under this name.</summary>
    bool FileExists(string path);

    /// <summary>Names of the files in a folder that end so.</summary>
    IEnumerable<string> Files(string folder, string ending);

    /// <summary>Makes a folder and its parents; fine where it is there. Its name is durable once the parent is synced.</summary>
    void CreateFolder(string folder);

    /// <summary>The whole file.</summary>
    byte[] Read(string path);

    /// <summary>Writes a whole file; durable once file and folder are synced.</summary>
    void Write(string path, byte[] bytes);

    /// <summary>Writes score rows as a file whose bytes and name are durable on return; a failure leaves no file.</summary>
    /// <param name="path">A staging name, which does not end in <c>.parquet</c>.</param>
    /// <param name="rows">The rows, written in (topic, partition, offset) order.</param>
    /// <param name="metadata">Key-value metadata of the file.</param>
    void WriteScores(string path, ScoreRows rows, IReadOnlyDictionary<string, string> metadata);

    /// <summary>Makes a file's bytes durable.</summary>
    void SyncFile(string path);

    /// <summary>Makes the names in a folder durable.</summary>
    void SyncFolder(string folder);

    /// <summary>Renames a file, replacing what stands under the new name, and syncs the new name's folder.</summary>
    void Rename(string from, string to);

    /// <summary>Gives a staged file its final name, durably, unless that name is taken: then false, and nothing changes.</summary>
    bool PutIfAbsent(string staged, string final);

    /// <summary>Deletes a file; fine where there is none.</summary>
    void Delete(string path);

    /// <summary>Runs blocking file work beside the caller.</summary>
    Task<T> RunAsync<T>(Func<T> work, CancellationToken ct);
}
