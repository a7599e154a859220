using StreamScorer.Parquet;

namespace StreamScorer.Sinks;

/// <summary>The machine's own file system, or one that is mounted.</summary>
public sealed class LocalDisk : IArchiveDisk
{
    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public IEnumerable<string> Files(string folder, string ending) => Directory.EnumerateFiles(folder, "*" + ending);

    /// <inheritdoc/>
    public void CreateFolder(string folder) => Directory.CreateDirectory(folder);

    /// <inheritdoc/>
    public byte[] Read(string path) => File.ReadAllBytes(path);

    /// <inheritdoc/>
    public void Write(string path, byte[] bytes) => File.WriteAllBytes(path, bytes);

    /// <inheritdoc/>
    public void WriteScores(string path, ScoreRows rows, IReadOnlyDictionary<string, string> metadata)
    {
        using var writer = ParquetFileWriter.Create(
            path, ScoreRowSchema.Schema, new ParquetWriterOptions { Metadata = metadata });
        rows.WriteTo(writer);

        // Syncs file and folder: what is registered must survive a power cut.
        writer.Complete();
    }

    /// <inheritdoc/>
    public void SyncFile(string path) => DurableFile.SyncFile(path);

    /// <inheritdoc/>
    public void SyncFolder(string folder) => DurableFile.SyncDirectory(folder);

    /// <inheritdoc/>
    public void Rename(string from, string to) => DurableFile.Rename(from, to);

    /// <inheritdoc/>
    public bool PutIfAbsent(string staged, string final) => DurableFile.PutIfAbsent(staged, final);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken ct) => BlockingCall.RunAsync(work, ct);
}
