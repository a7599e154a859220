using Confluent.Kafka;

namespace StreamScorer.Sinks;

/// <summary>Stage (step 4): writes the score rows of a checkpoint as Parquet under a staging name, durable on return.</summary>
/// <param name="folder">The archive root, opened before.</param>
/// <param name="groupId">The consumer group, kept in the sidecar.</param>
/// <param name="clock">Gives the day that the final path names.</param>
public sealed class CheckpointFileWriter(CheckpointFolder folder, string groupId, TimeProvider clock)
{
    /// <summary>
    /// Writes all rows, ordered by (topic, partition, offset), under a new file id. Each attempt is a file of its own; a
    /// failed one leaves nothing. Without rows nothing is written and the paths are null.
    /// </summary>
    /// <param name="rows">The rows; left as they are.</param>
    /// <param name="ranges">Epochs and offsets; every row must lie in one. Their row counts are taken from the rows.</param>
    /// <exception cref="InvalidOperationException">A row lies outside the ranges.</exception>
    public StagedCheckpoint Stage(ScoreRows rows, IReadOnlyList<PartitionRange> ranges)
    {
        var fileId = Guid.CreateVersion7(clock.GetUtcNow());
        var counted = Counted(rows, ranges);
        if (rows.Count == 0)
            return new StagedCheckpoint(fileId, null, null, 0, counted);

        try
        {
            folder.WriteSidecar(new StagingSidecar(fileId, groupId, counted));
            folder.Disk.WriteScores(folder.FullPath(CheckpointFolder.StagedPath(fileId)), rows, ScoreRowSchema.Metadata(fileId));
        }
        catch
        {
            // Nobody knows this file id, so nobody can ever register it.
            folder.Discard(fileId);
            throw;
        }

        string finalPath = CheckpointFolder.FinalPath(fileId, clock.GetUtcNow());
        return new StagedCheckpoint(fileId, CheckpointFolder.StagedPath(fileId), finalPath, rows.Count, counted);
    }

    /// <summary><see cref="Stage"/> beside the caller.</summary>
    public Task<StagedCheckpoint> StageAsync(ScoreRows rows, IReadOnlyList<PartitionRange> ranges, CancellationToken ct) =>
        folder.Disk.RunAsync(() => Stage(rows, ranges), ct);

    /// <summary>The ranges in lock order with their row counts, after proof that they hold every row.</summary>
    private static List<PartitionRange> Counted(ScoreRows rows, IReadOnlyList<PartitionRange> ranges)
    {
        var byPartition = ranges.ToDictionary(range => new TopicPartition(range.Topic, range.Partition));
        // Offsets of one partition rise, so its first and last row stand for all between.
        rows.ForEachPartition((partition, firstOffset, lastOffset) =>
        {
            if (!byPartition.TryGetValue(partition, out var range) || firstOffset < range.StartOffset || lastOffset >= range.EndOffset)
                throw new InvalidOperationException($"Rows at offsets {firstOffset} to {lastOffset} of {partition} lie outside their range.");
        });
        var counted = ranges.Select(range => range with { RowCount = rows.CountOf(range.Topic, range.Partition) }).ToList();
        counted.Sort((a, b) => PartitionOrder.Compare(a.Topic, a.Partition, b.Topic, b.Partition));
        return counted;
    }
}
