using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// Step 6 of the loop: tells the group what is published, one commit at a time. A lost or refused commit is harmless:
/// progress is PostgreSQL's, and the next commit covers it. Lag tools and autoscalers read the group.
/// </summary>
internal sealed class GroupCommit(IMicroBatchSource source, ILogger log)
{
    private List<TopicPartitionOffset> _offsets = [];

    /// <summary>The commit under way, or null.</summary>
    public Task<string?>? Pending { get; private set; }

    /// <summary>Commits what these leases have published anew, unless a commit is under way. Released leases are never committed.</summary>
    public void Start(IReadOnlyCollection<PartitionLease> leases) => Start(leases, offsets => offsets.HasUncommitted);

    /// <summary>
    /// Commits what these leases have published, told before or not: an earlier owner's last commit may have been lost, or
    /// have come late and taken the group back, and of an idle partition nothing new would ever put that right.
    /// </summary>
    public void Renew(IReadOnlyCollection<PartitionLease> leases) => Start(leases, offsets => offsets.Published > 0);

    private void Start(IReadOnlyCollection<PartitionLease> leases, Func<PartitionOffsets, bool> which)
    {
        if (Pending is not null)
            return;
        _offsets = leases.Where(lease => !lease.Released && which(lease.Offsets!))
            .Select(lease => new TopicPartitionOffset(lease.Partition, lease.Offsets!.Published)).ToList();
        if (_offsets.Count == 0)
            return;
        Pending = source.CommitAsync(_offsets);
        Failpoint.Reach(ProtocolPoint.CommitSent);
    }

    /// <summary>Takes note of the answer, if it has come.</summary>
    public void Finish(IReadOnlyCollection<PartitionLease> leases)
    {
        if (Pending is not { IsCompleted: true })
            return;
        var refusal = Pending.GetAwaiter().GetResult();
        Pending = null;
        if (refusal is not null)
        {
            log.CommitFailed(_offsets.Count, refusal);
            return;
        }

        Failpoint.Reach(ProtocolPoint.Committed);
        foreach (var committed in _offsets)
        {
            var lease = leases.FirstOrDefault(lease => lease.Partition == committed.TopicPartition && !lease.Released);
            lease?.Offsets!.Commit(committed.Offset.Value);
        }
    }

    /// <summary>Commits everything published and waits for the answer.</summary>
    public async Task RunAsync(IReadOnlyCollection<PartitionLease> leases)
    {
        if (Pending is not null)
            await Pending.ConfigureAwait(false);
        Finish(leases);
        Start(leases);
        if (Pending is not null)
            await Pending.ConfigureAwait(false);
        Finish(leases);
    }
}
