using Confluent.Kafka;

namespace StreamScorer.Sinks;

/// <summary>
/// The delivery protocol's register as the data path sees it: PostgreSQL (<see cref="ProgressLedger"/>, whose methods say
/// what each promises) or the simulation's. Every method is one attempt; an exception leaves its outcome unknown.
/// </summary>
public interface IProgressLedger
{
    /// <inheritdoc cref="ProgressLedger.ReadProgressAsync"/>
    Task<IReadOnlyDictionary<TopicPartition, long>> ReadProgressAsync(string? topic, CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.TakeAsync"/>
    Task<IReadOnlyList<TakenPartition>> TakeAsync(IReadOnlyList<TakeRequest> requests, string owner, CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.RegisterAsync"/>
    Task<RegistrationResult> RegisterAsync(StagedCheckpoint checkpoint, CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.RecordGapAsync"/>
    Task<RegistrationOutcome> RecordGapAsync(
        PartitionEpoch owner, long startOffset, long endOffset, GapReason reason, CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.UnpublishedAsync"/>
    Task<IReadOnlyList<UnpublishedFile>> UnpublishedAsync(CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.MarkPublishedAsync"/>
    Task MarkPublishedAsync(Guid fileId, CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.SweepableAsync"/>
    Task<IReadOnlyList<Guid>> SweepableAsync(IReadOnlyList<StagedFile> stagedFiles, CancellationToken ct);

    /// <inheritdoc cref="ProgressLedger.PublishedAsync"/>
    Task<IReadOnlyList<Guid>> PublishedAsync(IReadOnlyList<Guid> fileIds, CancellationToken ct);
}
