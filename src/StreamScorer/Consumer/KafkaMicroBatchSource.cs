using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Features;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// Micro-batches from a consumer group. One thread owns the client: it polls, fills the open batch, and posts it when
/// it is full or old enough. When the loop has all batches (a sink is slow or away), the partitions are paused and
/// polling goes on, so that the group keeps us; memory is bounded by the number of batches.
/// Each poll waits for one record and then takes what lies ready behind it, many at once (<see cref="ConsumerQueue"/>).
/// </summary>
public sealed partial class KafkaMicroBatchSource : IMicroBatchSource
{
    private static readonly TimeSpan IdlePoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BusyPoll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan RoomWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);

    private const int RecordsBetweenLooks = 64;

    private readonly KafkaOptions _options;
    private readonly MicroBatchOptions _batching;
    private readonly ILogger _log;
    private readonly Channel<SourceEvent> _events = Channel.CreateUnbounded<SourceEvent>();
    private readonly BlockingCollection<MicroBatch> _free = [];
    private readonly ConcurrentQueue<Func<bool>> _commands = new();
    private readonly PayloadDeserializer _payload = new();
    private readonly IConsumer<Utf8Slice, Utf8Slice> _consumer;
    private readonly Rebalance _rebalance;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _cooperative;
    private MicroBatch _batch;
    private long _batchStarted;
    private long _polls;
    private bool _paused;
    private bool _flowing;
    private bool _resumeDue;
    private volatile bool _stopping;
    private Error? _fatal;
    private ConsumerQueue? _queue;
    private int _queueChanges;

    /// <summary>Builds the client; nothing is contacted before <see cref="Start"/>.</summary>
    public KafkaMicroBatchSource(StreamScorerOptions options, ILogger<KafkaMicroBatchSource> log)
    {
        _options = options.Kafka;
        _batching = options.MicroBatch;
        _log = log;
        _rebalance = new Rebalance(_options, _events.Writer, log) { FlushBatch = Flush };
        for (var i = 0; i < _batching.MaxQueued; i++)
            _free.Add(new MicroBatch(_batching.MaxRecords));
        _batch = new MicroBatch(_batching.MaxRecords);
        _payload.Target = _batch.Payload;
        var config = KafkaClientSettings.Consumer(_options);
        _cooperative = config.PartitionAssignmentStrategy == PartitionAssignmentStrategy.CooperativeSticky;
        _consumer = new ConsumerBuilder<Utf8Slice, Utf8Slice>(config)
            .SetKeyDeserializer(_payload)
            .SetValueDeserializer(_payload)
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler((_, _) => { })
            .SetPartitionsAssignedHandler((_, partitions) => _rebalance.Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => _rebalance.Revoked(partitions.Select(p => p.TopicPartition)))
            .SetPartitionsLostHandler((_, partitions) => _rebalance.Lost(partitions.Select(p => p.TopicPartition)))
            .Build();
    }

    /// <inheritdoc/>
    public ChannelReader<SourceEvent> Events => _events.Reader;

    /// <summary>The client met an error, in its own words, that may mean that Kafka is away. Raised on the consumer's thread.</summary>
    public event Action<string>? BrokerTrouble;

    /// <inheritdoc/>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "kafka-consumer" }.Start();

    /// <inheritdoc/>
    public void Return(MicroBatch batch)
    {
        batch.Clear();
        // More batches than configured exist only after a revoke that found none free; the surplus is let go here.
        if (_free.Count < _batching.MaxQueued)
            _free.Add(batch);
    }

    /// <inheritdoc/>
    public void Position(PartitionLease lease) => _commands.Enqueue(() => TryPosition(lease));

    /// <inheritdoc/>
    public void ProveMembership(PartitionLease refused)
    {
        var asked = Interlocked.Read(ref _polls);
        _commands.Enqueue(() => TryProveMembership(refused, asked));
    }

    /// <inheritdoc/>
    public Task<string?> CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets) => BlockingCall.RunAsync(() =>
    {
        try
        {
            _consumer.Commit(offsets);
            return (string?)null;
        }
        catch (KafkaException exception)
        {
            return exception.Error.Reason;
        }
        catch (ObjectDisposedException)
        {
            return "the client is closed";
        }
    });

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> GroupOffsetsAsync(IReadOnlyList<PartitionLease> leases) =>
        await BlockingCall.RunAsync(() => _consumer.Committed(leases.Select(l => l.Partition), TimeSpan.FromSeconds(5))
            .ToDictionary(p => p.TopicPartition, p => p.Offset == Offset.Unset ? -1 : p.Offset.Value)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<WatermarkOffsets> WatermarksAsync(TopicPartition partition) => await BlockingCall.RunAsync(() =>
    {
        // A client of its own: on a busy consumer the answer waits behind half a second of fetches.
        using var client = new ConsumerBuilder<Ignore, Ignore>(KafkaClientSettings.Reader(_options, "none"))
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        return client.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(5));
    }).ConfigureAwait(false);

    /// <inheritdoc/>
    public long Lag(PartitionLease lease)
    {
        if (lease.Offsets is null || lease.Released)
            return -1;
        try
        {
            var high = _consumer.GetWatermarkOffsets(lease.Partition).High;
            return high.Value < 0 ? -1 : Math.Max(0, high.Value - lease.Offsets.Next);
        }
        catch (Exception exception) when (exception is KafkaException or ObjectDisposedException)
        {
            return -1;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync()
    {
        _stopping = true;
        return _finished.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _free.Dispose();
    }

    private void Run()
    {
        try
        {
            // Headers are read from the client's own result objects.
            if (!_options.ReadHeaders)
                _queue = ConsumerQueue.TryOpen(_consumer);
            _consumer.Subscribe(_options.Topic);
            while (!_stopping && _fatal is null)
            {
                RunCommands();
                if (_resumeDue)
                    Resume();
                MakeRoom();
                Poll(PollTime());
            }

            if (_fatal is not null)
                throw new KafkaException(_fatal);
            _rebalance.IsLeaving = true;
            _rebalance.Revoked(_rebalance.Leases.Select(lease => lease.Partition).ToList());
        }
        catch (Exception exception)
        {
            // Whatever it is, the loop decides: it stops loudly with this reason. Without leases it asks nothing more of a
            // client that is about to go, whose answer would hide the reason.
            _rebalance.IsLeaving = true;
            foreach (var lease in _rebalance.Leases)
                lease.Release();
            _events.Writer.TryWrite(new SourceFailed(exception));
        }
        finally
        {
            _queue?.Dispose();
            CloseClient();
            _events.Writer.TryComplete();
            _finished.TrySetResult();
        }
    }

    private void RunCommands()
    {
        for (var i = _commands.Count; i > 0 && _commands.TryDequeue(out var command); i--)
            if (!command())
                _commands.Enqueue(command);
    }

    /// <summary>
    /// Full, or old enough with nothing else waiting for the loop: under load batches grow to what comes in while the loop
    /// is busy, so that more events of a lead fold into one row; at a low rate none waits longer than it must.
    /// </summary>
    private bool BatchIsDue() =>
        _batch.Count >= _batching.MaxRecords
        || _batch.Payload.LengthBytes >= _batching.MaxBytes
        || (_batch.Count > 0 && !RecordsFlow() && Stopwatch.GetElapsedTime(_batchStarted) >= _batching.MaxWait && _events.Reader.Count == 0);

    // While records come one after the other nobody waits, and asking the clock three times for each costs as much as taking
    // it from the client's queue: the age of the batch counts only where the queue is empty, or at every 64th record, or once
    // for all that were taken at once.
    private bool RecordsFlow() => _queue is null && _flowing && !_paused && _batch.Count % RecordsBetweenLooks != 0;

    private TimeSpan PollTime()
    {
        if (_flowing)
            return TimeSpan.Zero;
        if (_paused || _batch.Count == 0)
            return IdlePoll;
        // A batch that is old enough waits for the loop; whether it may be posted is asked again soon.
        var left = _batching.MaxWait - Stopwatch.GetElapsedTime(_batchStarted);
        return left > BusyPoll ? left : BusyPoll;
    }

    /// <summary>Posts a batch that is due. Without a free one to go on with, pauses, and resumes when one came back.</summary>
    private void MakeRoom()
    {
        if (!BatchIsDue())
            return;
        // A short wait first: pausing throws the client's prefetched records away, too dear for an ordinary slow write.
        if (_free.TryTake(out var next, _paused ? TimeSpan.Zero : RoomWait))
        {
            Post(next);
            if (_paused)
                Resume();
        }
        else if (!_paused)
        {
            _paused = true;
            _consumer.Pause(DeliverablePartitions());
        }
    }

    private List<TopicPartition> DeliverablePartitions() =>
        _rebalance.Leases.Select(lease => lease.Partition).Where(partition => _rebalance.Deliverable(partition.Partition.Value) is not null).ToList();

    private void Resume()
    {
        _consumer.Resume(DeliverablePartitions());
        _paused = _resumeDue = false;
    }

    /// <summary>Posts what was fetched so far, so that the event that follows comes after it.</summary>
    private void Flush()
    {
        if (_batch.Count > 0)
            Post(_free.TryTake(out var next) ? next : new MicroBatch(_batching.MaxRecords));
        // Partitions come or go, and the client keeps a pause through a rebalance: one that we hold afterwards would stay
        // paused for ever, because with this batch posted nothing is due. The next round pauses again if there is no room.
        _resumeDue = true;
    }

    private void Post(MicroBatch next)
    {
        var full = _batch;
        _batch = next;
        _payload.Target = next.Payload;
        _events.Writer.TryWrite(full);
    }

    private void OnError(Error error)
    {
        if (error.IsFatal)
            _fatal = error;
        else
            BrokerTrouble?.Invoke(error.Reason);
    }

    private void CloseClient()
    {
        try
        {
            // With every broker away the client's own close can wait for long; the process must end in bounded time.
            if (!BlockingCall.RunAsync(Close).Wait(CloseTimeout))
                _log.CloseTimedOut(CloseTimeout.TotalSeconds);
        }
        catch (AggregateException exception)
        {
            // Thrown further it would end the process in the middle of what the loop still has to finish.
            _events.Writer.TryWrite(new SourceFailed(exception.GetBaseException()));
        }
    }

    private void Close()
    {
        try
        {
            GroupDeparture.Close(_consumer, _rebalance.WasAssigned);
        }
        catch (KafkaException)
        {
            // A client that has met a fatal error repeats it when it is closed; the loop has been told already.
        }
    }
}
