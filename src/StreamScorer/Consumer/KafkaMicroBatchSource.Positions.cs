using Confluent.Kafka;

namespace StreamScorer.Consumer;

// Where partitions start, and whether they are still ours.
public sealed partial class KafkaMicroBatchSource
{
    private void PauseUnpositioned()
    {
        if (_rebalance.Unpositioned.Count > 0)
            _consumer.Pause(_rebalance.Unpositioned.Select(lease => lease.Partition));
    }

    /// <summary>Starts a taken lease at its next offset. False: not possible yet, ask again.</summary>
    private bool TryPosition(PartitionLease lease)
    {
        if (lease.Released || !_rebalance.IsCurrent(lease))
            return true;
        SeekTo(lease, lease.Offsets!.Next);
        _rebalance.Unpositioned.Remove(lease);
        Resume();
        return true;
    }

    private void SeekTo(PartitionLease lease, long offset)
    {
        var start = new TopicPartitionOffset(lease.Partition, offset);
        // Whatever was taken from the queue before belongs to the place that the partition leaves now.
        _rebalance.Changes++;
        lease.StartAt(offset);
        try
        {
            _consumer.Seek(start);
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
        {
            Reassign(start);
        }
    }

    /// <summary>A partition whose fetcher is stopped (after an offset out of range) cannot seek; it is assigned anew.</summary>
    private void Reassign(TopicPartitionOffset start)
    {
        if (_cooperative)
        {
            _consumer.IncrementalUnassign([start.TopicPartition]);
            _consumer.IncrementalAssign([start]);
            return;
        }

        _consumer.Assign(_rebalance.Leases.Where(lease => lease.Offsets is not null)
            .Select(lease => lease.Partition == start.TopicPartition
                ? start
                : new TopicPartitionOffset(lease.Partition, lease.NextFetched)));
    }

    /// <summary>
    /// The proof of PROTOCOL's <i>Refused</i>: a poll completed after the refusal, the partition is still assigned, and
    /// the coordinator accepts a commit of this member's generation. The offset committed is the one the group has, so
    /// that the proof changes nothing.
    /// </summary>
    private bool TryProveMembership(PartitionLease refused, long asked)
    {
        if (!_rebalance.IsCurrent(refused))
            return true;
        _consumer.Pause([refused.Partition]);
        if (Interlocked.Read(ref _polls) <= asked + 1 || !_consumer.Assignment.Contains(refused.Partition))
            return false;
        try
        {
            var committed = _consumer.Committed([refused.Partition], TimeSpan.FromSeconds(3))[0];
            _consumer.Commit([new TopicPartitionOffset(refused.Partition, committed.Offset == Offset.Unset ? 0 : committed.Offset)]);
        }
        catch (KafkaException)
        {
            return false; // Not a member any more, or not heard: the callbacks or the next round will tell.
        }

        var lease = new PartitionLease(refused.Partition);
        _rebalance.Replace(lease);
        Flush();
        _events.Writer.TryWrite(new MembershipProved(lease));
        return true;
    }
}
