using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>What PostgreSQL says of one group and topic, all read in one snapshot.</summary>
/// <param name="TakenAt">The database's clock at the snapshot.</param>
/// <param name="Files">Registered checkpoint files by id, files without rows among them.</param>
/// <param name="Partitions">One account for each partition that has progress, in partition order.</param>
internal sealed record LedgerSnapshot(
    DateTimeOffset TakenAt,
    IReadOnlyDictionary<Guid, RegisteredFile> Files,
    IReadOnlyList<PartitionLedger> Partitions);

/// <summary>A row of checkpoint_files.</summary>
/// <param name="FileId">The file's identity.</param>
/// <param name="StorageId">The archive root it was written to.</param>
/// <param name="StagedPath">Path below that root before publication; null when the checkpoint has no rows.</param>
/// <param name="FinalPath">Path below that root after publication; null when the checkpoint has no rows.</param>
/// <param name="RegisteredAt">When progress moved over it.</param>
/// <param name="IsPublished">Whether it was marked published at the snapshot.</param>
internal sealed record RegisteredFile(
    Guid FileId, Guid StorageId, string? StagedPath, string? FinalPath, DateTimeOffset RegisteredAt, bool IsPublished)
{
    /// <summary>How findings call the file.</summary>
    public string Name => FinalPath ?? $"checkpoint {FileId} (without rows)";
}

/// <summary>One partition's rows of the ledger.</summary>
/// <param name="TopicPartition">Which partition.</param>
/// <param name="InitialOffset">Where the group began; offsets below it were never promised.</param>
/// <param name="NextOffset">First offset that no registered checkpoint covers.</param>
/// <param name="Ranges">What the registered files account for.</param>
/// <param name="Gaps">What was passed over on record.</param>
/// <param name="Resets">Every use of <c>offsets reset</c>, in order of incarnation.</param>
internal sealed record PartitionLedger(
    TopicPartition TopicPartition,
    long InitialOffset,
    long NextOffset,
    IReadOnlyList<RegisteredRange> Ranges,
    IReadOnlyList<RecordedGap> Gaps,
    IReadOnlyList<RecordedReset> Resets);

/// <summary>A row of checkpoint_ranges: the offsets of one partition that one file accounts for.</summary>
internal sealed record RegisteredRange(RegisteredFile File, long Incarnation, OffsetRun Offsets, long RowCount);

/// <summary>A row of offset_gaps: offsets that were passed over, and why; not loss.</summary>
internal sealed record RecordedGap(long Incarnation, OffsetRun Offsets, string Reason);

/// <summary>A row of offset_resets.</summary>
/// <param name="Incarnation">The incarnation that the reset began.</param>
/// <param name="FromOffset">next_offset before; null where the partition had no progress.</param>
/// <param name="ToOffset">next_offset after.</param>
/// <param name="At">When.</param>
internal sealed record RecordedReset(long Incarnation, long? FromOffset, long ToOffset, DateTimeOffset At);
