using System.Threading.Channels;
using Confluent.Kafka;
using StreamScorer.Consumer;

namespace StreamScorer.Tests.Simulation;

/// <summary>
/// A member of the simulated group, with the manners of <see cref="KafkaMicroBatchSource"/>: one poll after the other;
/// a rebalance callback holds up polling until the loop has answered or the budget is over; polling is where a member
/// learns that it was thrown out.
/// </summary>
internal sealed class SimulatedSource : IMicroBatchSource
{
    private static readonly TimeSpan DrainBudget = TimeSpan.FromSeconds(4);
    private const int MostBatches = 3;
    private const int MostRecords = 12;

    private readonly SimulationScheduler _scheduler;
    private readonly SimulatedProcess _process;
    private readonly SimulatedWorld _world;
    private readonly Channel<SourceEvent> _events = Channel.CreateUnbounded<SourceEvent>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly Dictionary<int, Held> _held = [];
    private readonly Dictionary<int, PartitionLease> _told = [];
    private readonly Queue<Func<bool>> _commands = new();
    private readonly Stack<MicroBatch> _free = new();
    private readonly TaskCompletionSource _finished = new();
    private GroupSession? _session;
    private Func<bool>? _callback;
    private int _batchesOut;
    private long _polls;
    private bool _stopping;

    public SimulatedSource(SimulatedWorld world, SimulatedProcess process)
    {
        (_world, _scheduler, _process) = (world, world.Scheduler, process);
        for (var i = 0; i < MostBatches; i++)
            _free.Push(new MicroBatch(MostRecords));
    }

    public ChannelReader<SourceEvent> Events => _events.Reader;

    public void Start() => Poll();

    public void Position(PartitionLease lease) => _commands.Enqueue(() =>
    {
        if (!lease.Released && IsCurrent(lease))
            (_held[lease.Partition.Partition.Value].Position, _held[lease.Partition.Partition.Value].IsPositioned) = (lease.Offsets!.Next, true);
        return true;
    });

    public void ProveMembership(PartitionLease refused)
    {
        var asked = _polls;
        _commands.Enqueue(() => TryProveMembership(refused, asked));
    }

    public async Task<string?> CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        foreach (var offset in offsets)
        {
            if (_told[offset.Partition.Value].Released)
                _scheduler.Violate($"Commits partition {offset.Partition.Value}, which it has lost or given back.");
        }

        var (session, carried) = (_session!, offsets.Select(offset => (offset.Partition.Value, offset.Offset.Value)).ToList());
        try
        {
            return await _process.CallAsync(_world.Kafka, "commit", () => _world.Group.Commit(session, carried)).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            return exception.Error.Reason;
        }
    }

    public Task<IReadOnlyDictionary<TopicPartition, long>> GroupOffsetsAsync(IReadOnlyList<PartitionLease> leases)
    {
        var partitions = leases.Select(lease => lease.Partition).ToList();
        return _process.CallAsync<IReadOnlyDictionary<TopicPartition, long>>(
            _world.Kafka, "read group", () => partitions.ToDictionary(p => p, p => _world.Group.CommittedOffsets[p.Partition.Value]));
    }

    public Task<WatermarkOffsets> WatermarksAsync(TopicPartition partition) => _process.CallAsync(
        _world.Kafka, "read watermarks", () => Watermarks(_world.Topic.Logs[partition.Partition.Value]));

    public long Lag(PartitionLease lease) => -1;

    public void Return(MicroBatch batch)
    {
        batch.Clear();
        _batchesOut--;
        _free.Push(batch);
    }

    public Task StopAsync()
    {
        _stopping = true;
        return _finished.Task;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static WatermarkOffsets Watermarks(SimulatedLog log) => new(log.Low, log.End);

    private void Poll()
    {
        if (_finished.Task.IsCompleted)
            return;
        _process.Schedule(_scheduler.Between(0.02, 0.12), Poll);
        if (_callback is not null && !_callback())
            return;
        _callback = null;
        _polls++;
        if (_session is null || !_world.Group.IsMember(_session))
            Rejoin();
        else if (_stopping)
            Stop();
        else if (_world.Group.ToGiveBack(_session) is { Count: > 0 } revoked)
            Revoke(revoked);
        else if (_world.Group.Assign(_session) is { Count: > 0 } assigned)
            TakeOver(assigned);
        else
            Fetch();
    }

    private void Rejoin()
    {
        var lost = Remove([.. _held.Keys]);
        foreach (var lease in lost)
            lease.Release();
        if (lost.Count > 0)
            Post(new PartitionsLost(lost));
        if (_stopping)
            Finish();
        else
            _session = _world.Group.Join(_process);
    }

    private void Stop()
    {
        if (_held.Count > 0)
            Revoke([.. _held.Keys.Order()]);
        else
        {
            _world.Group.Leave(_session!);
            Finish();
        }
    }

    private void Finish()
    {
        _finished.TrySetResult();
        _process.Schedule(TimeSpan.Zero, () => _events.Writer.TryComplete());
    }

    private void Revoke(List<int> partitions)
    {
        var (session, leases) = (_session!, Remove(partitions));
        var request = new PartitionsRevoked(leases);
        Post(request);
        var deadline = _scheduler.Now + DrainBudget.Ticks;
        _callback = () =>
        {
            if (!request.Drained.IsCompleted && _scheduler.Now < deadline)
                return false;
            _scheduler.Note(_process.Name, request.Drained.IsCompleted ? "gave back" : "let go of", partitions[0], partitions.Count);
            foreach (var lease in leases)
                lease.Release();
            _world.Group.GiveBack(session, partitions);
            return true;
        };
    }

    private void TakeOver(List<int> partitions)
    {
        var leases = partitions.Select(partition => new PartitionLease(SimulatedTopic.Partition(partition))).ToList();
        foreach (var lease in leases)
            Hold(lease);
        var request = new PartitionsAssigned(leases);
        Post(request);
        var deadline = _scheduler.Now + DrainBudget.Ticks;
        _callback = () =>
        {
            if (!request.IsTaken && _scheduler.Now < deadline)
                return false;
            if (!request.Wait(TimeSpan.Zero))
                return true;
            foreach (var lease in leases.Where(lease => lease.Offsets is not null && IsCurrent(lease)))
                (_held[lease.Partition.Partition.Value].Position, _held[lease.Partition.Partition.Value].IsPositioned) = (lease.Offsets!.Next, true);
            return true;
        };
    }

    private void Fetch()
    {
        for (var i = _commands.Count; i > 0 && _commands.TryDequeue(out var command); i--)
            if (!command())
                _commands.Enqueue(command);
        if (_world.Kafka.AwayUntil > _scheduler.Now || _batchesOut >= MostBatches)
            return;
        var batch = _free.TryPop(out var free) ? free : new MicroBatch(MostRecords);
        foreach (var held in _held.Values.Where(held => held.IsPositioned && !held.Lease.Released))
            Fill(batch, held);
        if (batch.Count == 0)
        {
            _free.Push(batch);
            return;
        }

        _batchesOut++;
        _scheduler.Tell(_process.Name, $"batch of {batch.Count}: {string.Join(' ', batch.Leases.ToArray().Zip(batch.Offsets.ToArray()))}");
        Post(batch);
    }

    private void Fill(MicroBatch batch, Held held)
    {
        var log = _world.Topic.Logs[held.Lease.Partition.Partition.Value];
        if (held.Position > log.Low && _world.Faults.Strikes(_world.Faults.Rewind))
            held.Position = Math.Max(log.Low, held.Position - _scheduler.Random.Next(1, 5));
        if (held.Position < log.Low)
        {
            held.IsPositioned = false;
            _scheduler.Note(_process.Name, "out of range", held.Lease.Partition.Partition.Value, held.Position);
            Post(new OffsetOutOfRange(held.Lease, Watermarks(log)));
            return;
        }

        var most = _scheduler.Random.Next(0, MostRecords);
        for (var i = log.IndexOf(held.Position); i < log.Records.Count && most > 0; i++, most--)
        {
            var record = log.Records[i];
            batch.Append(
                held.Lease, record.Offset, record.TimestampMicros, batch.Payload.Append(record.Key),
                record.Value is null ? StreamScorer.Features.Utf8Slice.Null : batch.Payload.Append(record.Value));
            held.Position = record.Offset + 1;
        }
    }

    private bool TryProveMembership(PartitionLease refused, long asked)
    {
        if (!IsCurrent(refused))
            return true;
        var partition = refused.Partition.Partition.Value;
        _held[partition].IsPositioned = false;
        if (_polls <= asked + 1 || _world.Kafka.AwayUntil > _scheduler.Now || !_world.Group.IsMember(_session!))
            return false;
        var lease = new PartitionLease(refused.Partition);
        Hold(lease);
        Post(new MembershipProved(lease));
        return true;
    }

    private bool IsCurrent(PartitionLease lease) =>
        _held.TryGetValue(lease.Partition.Partition.Value, out var held) && ReferenceEquals(held.Lease, lease);

    private void Hold(PartitionLease lease) => _held[lease.Partition.Partition.Value] = new Held(lease);

    private List<PartitionLease> Remove(List<int> partitions)
    {
        var removed = partitions.Where(_held.ContainsKey).Select(partition => _held[partition].Lease).ToList();
        foreach (var partition in partitions)
            _held.Remove(partition);
        return removed;
    }

    /// <summary>Later, in order: the loop runs inside the event, and must not find this class in the middle of a step.</summary>
    private void Post(SourceEvent next)
    {
        foreach (var lease in LeasesOf(next))
            _told[lease.Partition.Partition.Value] = lease;
        _process.Schedule(TimeSpan.Zero, () => _events.Writer.TryWrite(next));
    }

    private static IReadOnlyList<PartitionLease> LeasesOf(SourceEvent next) => next switch
    {
        PartitionsAssigned assigned => assigned.Leases,
        MembershipProved proved => [proved.Lease],
        _ => [],
    };

    private sealed class Held(PartitionLease lease)
    {
        public PartitionLease Lease => lease;

        public long Position { get; set; }

        public bool IsPositioned { get; set; }
    }
}
