using StreamScorer.Consumer;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer;

// What the loop does when its next offset is not on the topic.
public sealed partial class MicroBatchLoop
{
    private async Task DecideOffsetOutOfRangeAsync(OffsetOutOfRange outOfRange, CancellationToken ct)
    {
        var lease = outOfRange.Lease;
        if (lease.Released)
            return;
        var (next, low, high) = (lease.Offsets!.Next, outOfRange.Watermarks.Low.Value, outOfRange.Watermarks.High.Value);
        if (_options.Kafka.OnOffsetOutOfRange == OffsetOutOfRangePolicy.Fail || next > high)
        {
            throw new WorkerStoppedException(
                $"Offset {next} of {lease} is not on the topic, which holds {low} to {high}. "
                + (next > high ? "Was the topic deleted and made anew? " : "Retention has deleted records that were never scored. ")
                + "Set Kafka:OnOffsetOutOfRange=Earliest to record the gap and go on, or: streamscorer offsets reset --to OFFSET.");
        }

        if (low <= next)
        {
            // Nothing is missing: the source asked for another place than the lease's. Taking again puts it right.
            Refuse(lease);
            return;
        }

        // The rows below the gap are registered first: ranges must meet without a hole.
        if (_closing is not null)
            Finish(await _closing.ConfigureAwait(false));
        CloseCheckpoint(ct);
        if (_closing is not null)
            Finish(await _closing.ConfigureAwait(false));
        if (lease.Released)
            return;
        var owner = new PartitionEpoch(lease.Partition.Topic, lease.Partition.Partition.Value, lease.OwnerEpoch);
        var outcome = await _retry.RunAsync(
            Readiness.PostgreSql, token => _ledger.RecordGapAsync(owner, next, low, GapReason.Retention, token), ct).ConfigureAwait(false);
        if (outcome != RegistrationOutcome.Refused)
            _log.OffsetGapRecorded(lease.ToString(), next, low);
        // Taken again either way: the ledger's next offset is behind the gap now, or somebody else's to say.
        Refuse(lease);
    }
}
