namespace StreamScorer.Sinks;

/// <summary>What a settlement did.</summary>
/// <param name="Published">Files published by this call.</param>
/// <param name="Missing">Registered files that are under neither name: their rows are lost with their disk; audit names the offsets.</param>
public sealed record SettleResult(int Published, IReadOnlyList<UnpublishedFile> Missing);

/// <summary>Settle and Sweep: finishes what workers left between registration and publication.</summary>
/// <param name="ledger">Progress and checkpoint register.</param>
/// <param name="folder">The archive root that the ledger's storage id names.</param>
public sealed class Settlement(ProgressLedger ledger, CheckpointFolder folder)
{
    /// <summary>Publishes every registered, unpublished file of this storage. Any worker may do it, at any time.</summary>
    public Task<SettleResult> SettleAsync(CancellationToken ct) => throw new NotImplementedException(ledger.GroupId + folder.Root);

    /// <summary>
    /// Deletes staged files that can never be registered: not registered, and a partition of theirs has an epoch above
    /// the one they were written under. What is unsure stays.
    /// </summary>
    /// <returns>Number of staged files deleted.</returns>
    public Task<int> SweepAsync(CancellationToken ct) => throw new NotImplementedException();
}
