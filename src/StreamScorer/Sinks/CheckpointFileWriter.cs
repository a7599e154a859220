namespace StreamScorer.Sinks;

/// <summary>Stage (step 4): writes the score rows of a checkpoint as Parquet under a staging name, durable on return.</summary>
/// <param name="folder">The archive root.</param>
/// <param name="groupId">The consumer group, kept in the sidecar.</param>
/// <param name="clock">Gives the day that the final path names.</param>
public sealed class CheckpointFileWriter(CheckpointFolder folder, string groupId, TimeProvider clock)
{
    /// <summary>
    /// Writes all rows, ordered by (topic, partition, offset), under a new file id. Row counts of the ranges are taken
    /// from the rows. Without rows nothing is written and the paths are null.
    /// </summary>
    /// <param name="rows">The rows; left as they are.</param>
    /// <param name="ranges">Epochs and offsets; every row must lie in one. Their RowCount is not read.</param>
    /// <exception cref="InvalidOperationException">A row lies outside the ranges.</exception>
    public StagedCheckpoint Stage(ScoreRows rows, IReadOnlyList<PartitionRange> ranges) =>
        throw new NotImplementedException(folder.Root + groupId + clock.GetUtcNow());
}
