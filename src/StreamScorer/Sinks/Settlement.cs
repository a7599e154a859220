using Microsoft.Extensions.Logging;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>What a settlement did.</summary>
/// <param name="Published">Files published by this call.</param>
/// <param name="Missing">
/// Registered files that are under neither name: their rows are lost with their disk, and <c>audit</c> names the offsets.
/// </param>
public sealed record SettleResult(int Published, IReadOnlyList<UnpublishedFile> Missing);

/// <summary>
/// Settle and Sweep: finishes what workers left between registration and publication, and removes what can never be
/// registered. Any worker may do both, at any time, also two at once.
/// </summary>
/// <param name="ledger">Progress and checkpoint register.</param>
/// <param name="folder">The archive root that the ledger's storage id names.</param>
/// <param name="log">Is told of a missing file, once.</param>
public sealed class Settlement(IProgressLedger ledger, CheckpointFolder folder, ILogger log)
{
    private readonly HashSet<Guid> _toldMissing = [];

    /// <summary>Publish (step 6): the final name, made durable, and only then the mark.</summary>
    /// <exception cref="FileNotFoundException">The file is under neither name.</exception>
    public async Task PublishAsync(Guid fileId, string? stagedPath, string? finalPath, CancellationToken ct)
    {
        // A checkpoint without rows has no file to rename.
        if (stagedPath is not null && finalPath is not null)
            folder.Publish(stagedPath, finalPath);
        await ledger.MarkPublishedAsync(fileId, ct);
    }

    /// <summary>Settle: publishes every registered, unpublished file of this storage.</summary>
    public async Task<SettleResult> SettleAsync(CancellationToken ct)
    {
        int published = 0;
        var missing = new List<UnpublishedFile>();
        foreach (var file in await ledger.UnpublishedAsync(ct))
        {
            try
            {
                await PublishAsync(file.FileId, file.StagedPath, file.FinalPath, ct);
                published++;
            }
            catch (FileNotFoundException)
            {
                // The other files can still be saved. This one stays unpublished, in case its disk comes back.
                missing.Add(file);
                lock (_toldMissing)
                {
                    if (_toldMissing.Add(file.FileId))
                        log.RegisteredFileMissing(file.FinalPath ?? "", folder.Root);
                }
            }
        }

        return new SettleResult(published, missing);
    }

    /// <summary>
    /// Sweep: deletes staged files that can never be registered, because they are not and a partition of theirs has an
    /// epoch above the one they were written under. A live worker's own file never qualifies; what is unsure stays.
    /// </summary>
    /// <returns>Number of staged files deleted.</returns>
    public async Task<int> SweepAsync(CancellationToken ct)
    {
        // Listed before the register is asked: a file staged in between is not judged at all.
        var staged = folder.StagedFiles();
        if (staged.Count == 0)
            return 0;

        var sweepable = await ledger.SweepableAsync(staged, ct);
        foreach (var fileId in sweepable)
            folder.Discard(fileId);

        // A crash between publication and the sidecar's removal leaves a sidecar alone.
        var alone = staged.Select(file => file.FileId).Where(fileId => !folder.HasStaged(fileId)).ToList();
        foreach (var fileId in await ledger.PublishedAsync(alone, ct))
            folder.Discard(fileId);
        return sweepable.Count;
    }
}
