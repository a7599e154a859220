namespace StreamScorer.Sinks;

/// <summary>A checkpoint that is durable under its staging name and waits for registration (step 5).</summary>
/// <param name="FileId">New for every file written, never reused: what an unknown outcome is asked again with.</param>
/// <param name="StagedPath">Path below the archive root, with forward slashes; null when the checkpoint has no rows.</param>
/// <param name="FinalPath">Path below the archive root that publication renames to; null when the checkpoint has no rows.</param>
/// <param name="RowCount">Score rows in the file.</param>
/// <param name="Ranges">One range for each partition, in (topic, partition) order.</param>
public sealed record StagedCheckpoint(
    Guid FileId, string? StagedPath, string? FinalPath, long RowCount, IReadOnlyList<PartitionRange> Ranges);

/// <summary>A registered checkpoint file that has not been marked published.</summary>
/// <param name="FileId">The file's identity.</param>
/// <param name="StagedPath">Path below the archive root, as registered; null when the checkpoint has no rows.</param>
/// <param name="FinalPath">Path below the archive root, as registered; null when the checkpoint has no rows.</param>
public sealed record UnpublishedFile(Guid FileId, string? StagedPath, string? FinalPath);
