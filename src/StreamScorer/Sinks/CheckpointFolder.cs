namespace StreamScorer.Sinks;

/// <summary>
/// The archive root: <c>storage_id</c>, <c>staging/</c> and <c>scores/day=YYYY-MM-DD/</c>. Shared by all workers of one
/// group and outlives them. Paths that leave this class are relative to the root, with forward slashes.
/// </summary>
/// <param name="root">Path of the archive root; created when missing.</param>
public sealed class CheckpointFolder(string root)
{
    /// <summary>Full path of the archive root.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>
    /// The root's identity, from its <c>storage_id</c> file; written once, by whichever worker comes first.
    /// </summary>
    /// <exception cref="InvalidDataException">The file does not hold a UUID.</exception>
    public Guid OpenStorage() => throw new NotImplementedException();

    /// <summary>Relative path of a staged file: <c>staging/&lt;file_id&gt;</c>.</summary>
    public static string StagedPath(Guid fileId) => throw new NotImplementedException();

    /// <summary>Relative path of a published file: <c>scores/day=YYYY-MM-DD/&lt;file_id&gt;.parquet</c>, the day in UTC.</summary>
    public static string FinalPath(Guid fileId, DateTimeOffset closedAt) => throw new NotImplementedException();

    /// <summary>Full path of a relative one.</summary>
    public string FullPath(string relative) => throw new NotImplementedException();

    /// <summary>
    /// Publish: gives a registered file its final name and makes that durable. Finding it already renamed is fine.
    /// </summary>
    /// <exception cref="FileNotFoundException">The file is under neither name.</exception>
    public void Publish(string stagedPath, string finalPath) => throw new NotImplementedException();

    /// <summary>Deletes a staged file whose registration was refused (the outcome is known), with its sidecar.</summary>
    public void Discard(Guid fileId) => throw new NotImplementedException();
}
