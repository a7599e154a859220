using StreamScorer.Consumer;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer;

// What the loop does as partitions come and go: take, revoke, lost, refused, and a next offset that the topic does not have.
public sealed partial class MicroBatchLoop
{
    private async Task TakeAsync(PartitionsAssigned assigned, CancellationToken ct)
    {
        await _taker.TakeAsync(assigned.Leases, ct).ConfigureAwait(false);
        _hotLeads.Open(assigned.Leases, ct);
        foreach (var lease in assigned.Leases)
            Hold(lease);
        if (assigned.TryComplete())
            return;
        foreach (var lease in assigned.Leases)
            if (lease.Offsets is not null)
                _source.Position(lease);
    }

    private void Hold(PartitionLease lease)
    {
        DropEnded();
        if (_leases.Find(known => known.Partition == lease.Partition) is { } former)
            Drop(former);
        if (lease.Offsets is not null && !lease.Released)
            _leases.Add(lease);
    }

    /// <summary>Revoke: what is in flight is finished, registered, published and committed; then the leases end.</summary>
    private async Task DrainAsync(PartitionsRevoked revoked, CancellationToken ct)
    {
        if (revoked.Leases.All(lease => lease.Released))
        {
            // The budget ran out while a sink was away: the source let go without us, and so do we, without commit.
            foreach (var lease in revoked.Leases)
                Drop(lease);
            return;
        }

        await CheckpointAllAsync(ct).ConfigureAwait(false);
        await _commit.RunAsync(_leases).ConfigureAwait(false);
        foreach (var lease in revoked.Leases)
            Drop(lease);
        Failpoint.Reach(ProtocolPoint.Drained);
        revoked.Complete();
    }

    /// <summary>Registers and publishes whatever is open, after the checkpoint under way; a refusal is dealt with as always.</summary>
    private async Task CheckpointAllAsync(CancellationToken ct)
    {
        await FinishClosingAsync().ConfigureAwait(false);
        CloseCheckpoint(ct);
        await FinishClosingAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Refused: the worker does not know whether it still owns the partition. It drops the unregistered rows, and takes
    /// the partition again only after the group has confirmed membership.
    /// </summary>
    private void Refuse(PartitionLease lease)
    {
        if (!_leases.Contains(lease))
            return;
        _log.Refused(lease.ToString());
        Drop(lease);
        _source.ProveMembership(lease);
    }

    private void Drop(PartitionLease lease)
    {
        lease.Release();
        _open.DropPartition(lease.Partition.Topic, lease.Partition.Partition.Value);
        _leases.Remove(lease);
    }

    /// <summary>
    /// The source ends leases while the loop is at work: their rows may be here already, and what says so still in the
    /// queue. A checkpoint that closes now must not have rows of a partition that it has no range of.
    /// </summary>
    private void DropEnded()
    {
        for (var i = _leases.Count - 1; i >= 0; i--)
            if (_leases[i].Released)
                Drop(_leases[i]);
    }

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
        await CheckpointAllAsync(ct).ConfigureAwait(false);
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
