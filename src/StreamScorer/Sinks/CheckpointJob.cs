using System.Diagnostics;
using StreamScorer.Consumer;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>The range of one lease that a checkpoint covers.</summary>
public readonly record struct LeaseRange(PartitionLease Lease, long EndOffset);

/// <summary>What became of a checkpoint.</summary>
/// <param name="IsRegistered">False: refused, nothing of it became visible, and every lease of it has to be taken again.</param>
/// <param name="Leases">The leases it covers, with the end of each range.</param>
/// <param name="Staged">What was staged.</param>
/// <param name="Rows">The buffer of its rows, free for reuse.</param>
/// <param name="Elapsed">From closing to published.</param>
public sealed record CheckpointResult(
    bool IsRegistered, IReadOnlyList<LeaseRange> Leases, StagedCheckpoint Staged, ScoreRows Rows, TimeSpan Elapsed);

/// <summary>
/// Steps 3 to 6 of the delivery protocol for one closed checkpoint: dead letters acknowledged, stage, register,
/// publish. Runs beside the loop; at most one runs at a time, because each range starts where the last one ended.
/// </summary>
public sealed class CheckpointJob(
    CheckpointFolder folder, CheckpointFileWriter writer, IProgressLedger ledger, OutageRetry retry)
{
    /// <summary>
    /// Brings the rows and ranges to the archive. Every step is repeated while its dependency is away. The answer is
    /// never a guess: registration is asked again with the same file id until it is known.
    /// </summary>
    public async Task<CheckpointResult> RunAsync(
        ScoreRows rows, IReadOnlyList<PartitionRange> ranges, IReadOnlyList<LeaseRange> leases, Task deadLetters, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        // 3. No range is registered past a dead letter that the broker has not acknowledged: it would be lost in a crash.
        await deadLetters.ConfigureAwait(false);
        Failpoint.Reach(ProtocolPoint.DeadLettersAcknowledged);
        // 4. Stage: the file and its folder are durable before anything refers to it.
        var staged = await retry.RunAsync(
            Readiness.CheckpointFolder, token => writer.StageAsync(rows, ranges, token), ct).ConfigureAwait(false);
        Failpoint.Reach(ProtocolPoint.Staged);
        // 5. Register.
        var registration = await retry.RunAsync(
            Readiness.PostgreSql, token => ledger.RegisterAsync(staged, token), ct).ConfigureAwait(false);
        if (!registration.IsRegistered)
        {
            await retry.RunAsync(
                Readiness.CheckpointFolder, token => folder.DiscardAsync(staged.FileId, token), ct).ConfigureAwait(false);
            return new CheckpointResult(false, leases, staged, rows, watch.Elapsed);
        }

        Failpoint.Reach(ProtocolPoint.Registered);
        // 6. Publish: rename, make the rename durable, mark.
        if (staged.FinalPath is not null)
        {
            await retry.RunAsync(
                Readiness.CheckpointFolder, token => folder.PublishAsync(staged.StagedPath!, staged.FinalPath, token), ct).ConfigureAwait(false);
        }

        Failpoint.Reach(ProtocolPoint.Renamed);
        await retry.RunAsync(Readiness.PostgreSql, token => ledger.MarkPublishedAsync(staged.FileId, token), ct).ConfigureAwait(false);
        Failpoint.Reach(ProtocolPoint.Published);
        return new CheckpointResult(true, leases, staged, rows, watch.Elapsed);
    }
}
