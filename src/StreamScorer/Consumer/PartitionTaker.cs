using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>The worker must stop: going on could lose or repeat results, and only a person can decide.</summary>
public sealed class WorkerStoppedException(string message) : Exception(message);

/// <summary>
/// Step 1 of the delivery protocol: takes partitions in the ledger (raising their epoch), then settles what earlier
/// owners left, in this order. Waits for PostgreSQL and the group coordinator as long as it must, or until every lease
/// is gone again.
/// </summary>
public sealed class PartitionTaker(
    IMicroBatchSource source, IProgressLedger ledger, Settlement settlement, OutageRetry retry, string owner, string topic, ILogger log)
{
    private static readonly Task<IReadOnlyDictionary<TopicPartition, long>> NoOffsets =
        Task.FromResult<IReadOnlyDictionary<TopicPartition, long>>(new Dictionary<TopicPartition, long>());

    /// <summary>Takes the leases that still stand. Those taken have their offsets set on return.</summary>
    /// <exception cref="WorkerStoppedException">The group is ahead of the ledger.</exception>
    public async Task TakeAsync(IReadOnlyList<PartitionLease> leases, CancellationToken ct)
    {
        var standing = leases.Where(lease => !lease.Released).ToList();
        if (standing.Count == 0)
            return;
        // Asked at each attempt: once they are given back nobody needs the answer, and the client may be closed.
        var group = await retry.RunAsync(
            Readiness.Kafka, _ => standing.All(lease => lease.Released) ? NoOffsets : source.GroupOffsetsAsync(standing), ct).ConfigureAwait(false);
        if (standing.All(lease => lease.Released))
            return;
        var progress = await retry.RunAsync(Readiness.PostgreSql, token => ledger.ReadProgressAsync(topic, token), ct).ConfigureAwait(false);
        var requests = new List<TakeRequest>();
        foreach (var lease in standing)
        {
            var initial = progress.ContainsKey(lease.Partition) ? 0 : await InitialOffsetAsync(lease, group, ct).ConfigureAwait(false);
            requests.Add(new TakeRequest(lease.Partition.Topic, lease.Partition.Partition.Value, initial));
        }

        // Asked at each attempt: raising the epoch of a partition that was revoked meanwhile would only trouble its new owner.
        var taken = await retry.RunAsync(
            Readiness.PostgreSql, token => ledger.TakeAsync(StillHeld(requests, standing), owner, token), ct).ConfigureAwait(false);
        foreach (var partition in taken)
        {
            var lease = standing.First(l => l.Partition.Partition.Value == partition.Partition);
            RequireGroupNotAhead(lease, group.GetValueOrDefault(lease.Partition, -1), partition.NextOffset);
            lease.Take(partition.OwnerEpoch, partition.NextOffset);
        }

        Failpoint.Reach(ProtocolPoint.Taken);
        await retry.RunAsync(Readiness.PostgreSql, settlement.SettleAsync, ct).ConfigureAwait(false);
        await retry.RunAsync(Readiness.PostgreSql, settlement.SweepAsync, ct).ConfigureAwait(false);
        Failpoint.Reach(ProtocolPoint.Settled);
        log.Took(standing.Count, topic, Rebalance.Names(standing));
    }

    private static List<TakeRequest> StillHeld(List<TakeRequest> requests, List<PartitionLease> leases) =>
        requests.Where((_, i) => !leases[i].Released).ToList();

    private async Task<long> InitialOffsetAsync(
        PartitionLease lease, IReadOnlyDictionary<TopicPartition, long> group, CancellationToken ct)
    {
        if (group.TryGetValue(lease.Partition, out var committed) && committed >= 0)
            return committed;
        var watermarks = await retry.RunAsync(Readiness.Kafka, _ => source.WatermarksAsync(lease.Partition), ct).ConfigureAwait(false);
        return Math.Max(0, watermarks.Low.Value);
    }

    /// <summary>
    /// The group is only ever told what is published. If it is ahead, somebody moved it, and consuming from either
    /// place would be a guess: skipped events, or events scored twice.
    /// </summary>
    private static void RequireGroupNotAhead(PartitionLease lease, long committed, long nextOffset)
    {
        if (committed > nextOffset)
        {
            throw new WorkerStoppedException(
                $"The consumer group stands at offset {committed} of {lease}, ahead of the recorded progress {nextOffset}. "
                + "Somebody moved the group outside StreamScorer. Decide where to go on and set both together: "
                + "streamscorer offsets reset --to OFFSET (see offsets show).");
        }
    }
}
