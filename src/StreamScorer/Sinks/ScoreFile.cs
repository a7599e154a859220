using StreamScorer.Parquet;

namespace StreamScorer.Sinks;

/// <summary>
/// A score file that grows part by part, for rows that nobody registers: each part is encoded when it is appended, so that
/// the end of the file leaves only its footer to write. Until <see cref="Publish"/> it stands under a staging name; one that
/// was not completed is deleted by <see cref="Dispose"/>. One thread at a time.
/// </summary>
public sealed class ScoreFile : IDisposable
{
    /// <summary>How long a staged file must lie untouched to count as left behind; one under way is never so old.</summary>
    public static readonly TimeSpan LeftBehindAfter = TimeSpan.FromDays(7);

    private readonly CheckpointFolder _folder;
    private readonly ParquetFileWriter _writer;
    private readonly string _stagedPath;
    private readonly string _finalPath;

    private ScoreFile(CheckpointFolder folder, Guid fileId, DateTimeOffset now)
    {
        _folder = folder;
        _stagedPath = CheckpointFolder.StagedPath(fileId);
        _finalPath = CheckpointFolder.FinalPath(fileId, now);
        _writer = ParquetFileWriter.Create(folder.FullPath(_stagedPath), ScoreRowSchema.Schema, new ParquetWriterOptions
        {
            Metadata = ScoreRowSchema.Metadata(fileId),
        });
    }

    /// <summary>Rows appended.</summary>
    public long RowCount => _writer.RowCount;

    /// <summary>Whether every row is durable: what is left, or has failed, is the file's final name.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Begins a file in a folder, which is made where it is missing.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static ScoreFile Create(CheckpointFolder folder, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(clock);
        folder.OpenStorage();
        var now = clock.GetUtcNow();
        return new ScoreFile(folder, Guid.CreateVersion7(now), now);
    }

    /// <summary>Deletes what killed processes have left in staging: parts of files, which nobody can read.</summary>
    /// <returns>How many files it was.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public static int DeleteLeftBehind(CheckpointFolder folder, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(clock);
        var staging = new DirectoryInfo(folder.FullPath(CheckpointFolder.StagingFolder));
        if (!staging.Exists)
            return 0;
        var before = clock.GetUtcNow().UtcDateTime - LeftBehindAfter;
        var left = staging.GetFiles().Where(file => file.LastWriteTimeUtc < before).ToList();
        left.ForEach(file => file.Delete());
        return left.Count;
    }

    /// <summary>Encodes rows; they are left as they are.</summary>
    /// <exception cref="IOException">The disk refused; the file can take no more and not be published.</exception>
    public void Append(ScoreRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        rows.WriteTo(_writer);
    }

    /// <summary>Makes the rows durable and gives the file its final name. After a failure it may be called again where
    /// <see cref="IsComplete"/>: nothing is written twice.</summary>
    /// <returns>Path below the folder's root.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public string Publish()
    {
        _writer.Complete();
        IsComplete = true;
        _folder.Publish(_stagedPath, _finalPath);
        return _finalPath;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}
