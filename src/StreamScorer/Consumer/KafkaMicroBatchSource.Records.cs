using System.Diagnostics;
using Confluent.Kafka;
using StreamScorer.Features;

namespace StreamScorer.Consumer;

// The way of the records from the client into the open batch.
public sealed partial class KafkaMicroBatchSource
{
    private void Poll(TimeSpan time)
    {
        if (_queue is { IsEmpty: false } && HasRoom())
        {
            AppendTaken(_queue);
            return;
        }

        ConsumeOne(time);
        if (_flowing && _queue is { IsEmpty: true } && HasRoom())
        {
            _queueChanges = _rebalance.Changes;
            _queue.Take(_batching.MaxRecords - _batch.Count);
            PauseUnpositioned();
            AppendTaken(_queue);
        }
    }

    private bool HasRoom() => _batch.Count < _batching.MaxRecords && _batch.Payload.LengthBytes < _batching.MaxBytes;

    /// <summary>Waits for a record, and learns what callbacks met. The only way where the client's queue is not to be had.</summary>
    private void ConsumeOne(TimeSpan time)
    {
        ConsumeResult<Utf8Slice, Utf8Slice>? result = null;
        try
        {
            result = _consumer.Consume(time);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            OnPartitionError(exception.Error, exception.ConsumerRecord.Partition.Value);
        }

        _flowing = result is not null;
        Volatile.Write(ref _polls, _polls + 1); // Written by this thread alone.
        PauseUnpositioned();
        // What was taken from the queue and not yet appended is older than this record.
        if (result?.Message is null || Receiver(result.Partition.Value, result.Offset.Value, _queue is null or { IsEmpty: true }) is not { } lease)
            return;
        NoteFirst();
        var timestamp = result.Message.Timestamp;
        var (eventId, eventTime) = _options.ReadHeaders ? CloudEventHeaders.Copy(result.Message.Headers, _batch.Payload) : default;
        if (_options.ReadHeaders && result.Message.Headers is { } headers && headers.TryGetLastBytes("traceparent", out var traceParent)
            && traceParent is not null)
        {
            _batch.AddTraceParent(traceParent);
        }

        _batch.Append(
            lease,
            result.Offset.Value,
            timestamp.Type == TimestampType.NotAvailable ? MicroBatch.NoTimestamp : timestamp.UnixTimestampMs * 1000,
            result.Message.Key,
            result.Message.Value,
            eventId,
            eventTime);
    }

    private void AppendTaken(ConsumerQueue queue)
    {
        while (!queue.IsEmpty && HasRoom())
        {
            ref readonly var record = ref queue.Oldest;
            if (record.Error != ErrorCode.NoError)
                OnPartitionError(record.ToError(), record.Partition);
            else if (Receiver(record.Partition, record.Offset, _queueChanges == _rebalance.Changes) is { } lease)
                Append(lease, record);
            queue.Release();
        }
    }

    private void Append(PartitionLease lease, in ConsumerQueue.Message record)
    {
        NoteFirst();
        var payload = _batch.Payload;
        _batch.Append(
            lease,
            record.Offset,
            record.TimestampMicros,
            record.KeyIsNull ? Utf8Slice.Null : payload.Append(record.Key),
            record.ValueIsNull ? Utf8Slice.Null : payload.Append(record.Value));
    }

    private void NoteFirst()
    {
        if (_batch.Count == 0)
            _batchStarted = Stopwatch.GetTimestamp();
    }

    /// <summary>The lease that a record is scored under; null where it is not to be: handed out before, or too early.</summary>
    private PartitionLease? Receiver(int partition, long offset, bool inOrder)
    {
        if (_rebalance.Deliverable(partition) is not { } lease)
            return null;
        var arrival = lease.Receive(offset, inOrder);
        if (arrival == Arrival.OutOfOrder)
            GoBack(lease);
        return arrival == Arrival.Next ? lease : null;
    }

    // A method of its own: what the command captures would else be allocated for every record.
    private void GoBack(PartitionLease lease) => _commands.Enqueue(() =>
    {
        if (!lease.Released && _rebalance.IsCurrent(lease))
            SeekTo(lease, lease.NextFetched);
        return true;
    });

    private void OnPartitionError(Error error, int partition)
    {
        if (error.IsFatal)
            _fatal = error;
        else if (error.Code == ErrorCode.Local_AutoOffsetReset)
            OnOffsetOutOfRange(partition);
        else
            BrokerTrouble?.Invoke(error.Reason);
    }

    private void OnOffsetOutOfRange(int partition)
    {
        if (_rebalance.Deliverable(partition) is not { } lease)
            return;
        Flush();
        var watermarks = _consumer.QueryWatermarkOffsets(lease.Partition, TimeSpan.FromSeconds(5));
        _events.Writer.TryWrite(new OffsetOutOfRange(lease, watermarks));
    }
}
