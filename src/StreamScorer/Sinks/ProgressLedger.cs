using Confluent.Kafka;
using Npgsql;

namespace StreamScorer.Sinks;

/// <summary>
/// The group's progress and checkpoint register in PostgreSQL: the delivery protocol's steps Take, Register and the
/// marks behind Publish. Every method is one attempt in one transaction; which failures are worth another attempt is
/// <see cref="SinkErrors"/>' to say and the caller's to do. Safe for concurrent use.
/// </summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="groupId">The consumer group that the progress belongs to.</param>
/// <param name="storageId">The archive root's identity (<see cref="CheckpointFolder.OpenStorage"/>).</param>
/// <param name="clock">Source of the times that are kept for people.</param>
public sealed partial class ProgressLedger(NpgsqlDataSource dataSource, string groupId, Guid storageId, TimeProvider clock)
{
    /// <summary>The consumer group that the progress belongs to.</summary>
    public string GroupId => groupId;

    /// <summary>The archive root's identity.</summary>
    public Guid StorageId => storageId;

    private NpgsqlDataSource DataSource => dataSource;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>next_offset by partition, of one topic or (null) of all. Raises nothing and locks nothing.</summary>
    public Task<IReadOnlyDictionary<TopicPartition, long>> ReadProgressAsync(string? topic, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>
    /// Take: raises the owner_epoch of every requested partition by one, in one transaction, and reads next_offset. A
    /// partition without progress starts at the request's initial offset with epoch 1. Taking twice is harmless.
    /// </summary>
    /// <returns>One answer for each request, in (topic, partition) order.</returns>
    public Task<IReadOnlyList<TakenPartition>> TakeAsync(
        IReadOnlyList<TakeRequest> requests, string owner, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>
    /// Register: moves next_offset of every partition of the checkpoint from start to end and enters the file, or
    /// changes nothing. An exception, cancellation included, leaves the outcome unknown: ask again with the same file id.
    /// </summary>
    public Task<RegistrationResult> RegisterAsync(StagedCheckpoint checkpoint, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>
    /// Moves next_offset over offsets that the topic no longer has and records them, so that the audit tells them from
    /// loss. Same outcomes as <see cref="RegisterAsync"/>; asked again after an unknown outcome it answers Already.
    /// </summary>
    public Task<RegistrationOutcome> RecordGapAsync(
        PartitionEpoch owner, long startOffset, long endOffset, GapReason reason, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Registered, unpublished files of this storage, oldest first.</summary>
    public Task<IReadOnlyList<UnpublishedFile>> UnpublishedAsync(CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Sets published_at, once the final name is durable. Repeating it is harmless.</summary>
    public Task MarkPublishedAsync(Guid fileId, CancellationToken ct) => throw new NotImplementedException();
}

/// <summary>Why offsets were passed over.</summary>
public enum GapReason
{
    /// <summary>The topic's retention deleted them before they were read.</summary>
    Retention,
}
