using System.Diagnostics;
using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Features;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// The group's callbacks, translated into events for the loop. They run on the consumer's thread, inside a poll, and at the
/// end inside the client's close.
/// <list type="bullet">
/// <item>assigned: the loop takes the partitions (PROTOCOL step 1); consumption starts where the ledger says.</item>
/// <item>revoked: the loop drains inside <see cref="KafkaOptions.DrainBudget"/>; past it we let go without commit.</item>
/// <item>lost: the leases end at once; nothing is committed, because another worker may hold the partition already.</item>
/// </list>
/// </summary>
internal sealed class Rebalance(KafkaOptions options, ChannelWriter<SourceEvent> events, ILogger log)
{
    private readonly Dictionary<int, PartitionLease> _leases = [];

    /// <summary>Called before an event that must come after all records fetched so far.</summary>
    public Action FlushBatch { get; set; } = () => { };

    /// <summary>Leases that were assigned but not taken in time: paused until the loop positions them.</summary>
    public List<PartitionLease> Unpositioned { get; } = [];

    /// <summary>What is held now.</summary>
    public IReadOnlyCollection<PartitionLease> Leases => _leases.Values;

    /// <summary>
    /// Counts what changes where partitions are read: assignments, revocations, seeks. Records that were taken from the client
    /// before such a change may stand beside ones from after it.
    /// </summary>
    public int Changes { get; set; }

    /// <summary>Whether the group has ever answered with an assignment, be it an empty one.</summary>
    public bool WasAssigned { get; private set; }

    /// <summary>
    /// No partition is taken any more. Set before the last ones are given back: the group may hand out others until the
    /// client has left it, and a loop that took them would ask a client that is gone.
    /// </summary>
    public bool IsLeaving { get; set; }

    /// <summary>The lease under which records of this partition are delivered; null when there is none to deliver to.</summary>
    public PartitionLease? Deliverable(int partition) =>
        _leases.TryGetValue(partition, out var lease) && lease.Offsets is not null && !lease.Released && !Unpositioned.Contains(lease)
            ? lease
            : null;

    /// <summary>Whether this is still the partition's current lease.</summary>
    public bool IsCurrent(PartitionLease lease) =>
        _leases.TryGetValue(lease.Partition.Partition.Value, out var current) && ReferenceEquals(current, lease);

    /// <summary>Puts a new lease in the place of a refused one.</summary>
    public void Replace(PartitionLease lease)
    {
        Changes++;
        _leases[lease.Partition.Partition.Value] = lease;
        Unpositioned.Add(lease);
    }

    /// <summary>The group has handed out these partitions.</summary>
    /// <returns>Where each of them starts: the client takes no answer that leaves one out.</returns>
    public IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        WasAssigned = true;
        if (partitions.Count == 0)
            return [];
        // Nothing is read from there: they go back as soon as the client has left.
        if (IsLeaving)
            return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End)).ToList();
        Changes++;
        var assigned = partitions.Select(partition => new PartitionLease(partition)).ToList();
        foreach (var lease in assigned)
            _leases[lease.Partition.Partition.Value] = lease;
        FlushBatch();
        var request = new PartitionsAssigned(assigned);
        events.TryWrite(request);
        // Waiting here keeps the common case simple: partitions start at the right offset, nothing is fetched in vain.
        // The wait is far below max.poll.interval.ms; a database that is away for longer is waited for outside the poll.
        var isTaken = request.Wait(options.DrainBudget);
        foreach (var lease in assigned)
        {
            if (isTaken && lease.Offsets is { } offsets)
                lease.StartAt(offsets.Next);
            else
                Unpositioned.Add(lease);
        }

        return assigned.Select(lease => new TopicPartitionOffset(lease.Partition, lease.NextFetched)).ToList();
    }

    public void Revoked(IEnumerable<TopicPartition> partitions)
    {
        var revoked = Remove(partitions);
        if (revoked.Count == 0)
            return;
        var watch = Stopwatch.StartNew();
        FlushBatch();
        var request = new PartitionsRevoked(revoked);
        events.TryWrite(request);
        if (!request.Drained.Wait(options.DrainBudget))
            log.DrainBudgetExceeded(options.DrainBudget.TotalSeconds, revoked.Count);
        foreach (var lease in revoked)
            lease.Release();
        log.GaveBack(revoked.Count, options.Topic, watch.ElapsedMilliseconds, Names(revoked));
    }

    public void Lost(IEnumerable<TopicPartition> partitions)
    {
        var lost = Remove(partitions);
        if (lost.Count == 0)
            return;
        foreach (var lease in lost)
            lease.Release();
        FlushBatch();
        events.TryWrite(new PartitionsLost(lost));
        log.Lost(lost.Count, options.Topic, Names(lost));
    }

    /// <summary>Partition numbers for a log line, shortened past twenty.</summary>
    public static string Names(IReadOnlyCollection<PartitionLease> leases)
    {
        var numbers = leases.Select(lease => lease.Partition.Partition.Value).Order().ToList();
        return string.Join(",", numbers.Take(20)) + (numbers.Count > 20 ? $" and {numbers.Count - 20} more" : "");
    }

    private List<PartitionLease> Remove(IEnumerable<TopicPartition> partitions)
    {
        Changes++;
        var removed = new List<PartitionLease>();
        foreach (var partition in partitions)
        {
            if (!_leases.Remove(partition.Partition.Value, out var lease))
                continue;
            Unpositioned.Remove(lease);
            removed.Add(lease);
        }

        return removed;
    }
}
