using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer;

/// <summary>
/// The path of every event, in one place:
/// <code>
/// 1 consume ─▶ 2 decode ─▶ 3 score ─▶ 4 write hot leads ─▶ 5 checkpoint (stage, register, publish) ─▶ 6 commit
///                 └─ bad record ─▶ dead letter, acknowledged before 5
/// </code>
/// Consuming (1) runs on the source's thread, one micro-batch is written (4) while the next one is scored (3), and
/// checkpoints (5) run beside the loop. What is scored counts only once it is written: whatever else the loop does
/// (closing a checkpoint, taking or giving back partitions) comes after the write in flight. The order in which the loop
/// sees events is the order in which they happened, so that nothing here needs a lock. The words are PROTOCOL's: take,
/// stage, register, publish, refused, settle, revoke, lost.
/// </summary>
public sealed partial class MicroBatchLoop
{
    private static readonly TimeSpan LagInterval = TimeSpan.FromSeconds(1);

    private readonly StreamScorerOptions _options;
    private readonly IMicroBatchSource _source;
    private readonly PredictionEnginePool _pool;
    private readonly BatchScorer _scorer;
    private readonly HotLeadWriter _hotLeads;
    private readonly IDeadLetterTopic _deadLetters;
    private readonly CheckpointJob _checkpoints;
    private readonly PartitionTaker _taker;
    private readonly Settlement _settlement;
    private readonly OutageRetry _retry;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly List<PartitionLease> _leases = [];
    private readonly List<Task> _openDeadLetters = [];
    private readonly IProgressLedger _ledger;
    private readonly ScorerMetrics _metrics;
    private readonly DataQuality _quality;
    private readonly GroupCommit _commit;
    private readonly LoopPulse _pulse;
    private ScoredBatch _free = new();
    private ScoredBatch _other = new();
    private InFlight? _writing;
    private ScoreRows _open = new();
    private ScoreRows _spare = new();
    private long _openSince;
    private long _closingSince;
    private long _lagToldAt;
    private long _openHot;
    private long _openDeadLetterCount;
    private long _settledAt;
    private Task<CheckpointResult>? _closing;
    private Task<bool>? _nextEvent;

    /// <summary>Wires the loop; nothing runs before <see cref="RunAsync"/>.</summary>
    public MicroBatchLoop(LoopParts parts)
    {
        _options = parts.Options;
        _source = parts.Source;
        _pool = parts.Pool;
        _scorer = new BatchScorer(parts.Options.Scoring, parts.Pool, parts.Clock);
        _hotLeads = parts.HotLeads;
        _deadLetters = parts.DeadLetters;
        _checkpoints = parts.Checkpoints;
        _taker = parts.Taker;
        _settlement = parts.Settlement;
        _retry = parts.Retry;
        _clock = parts.Clock;
        _log = parts.Log;
        _ledger = parts.Ledger;
        _metrics = parts.Metrics;
        _quality = parts.Quality;
        _pulse = parts.Pulse;
        _commit = new GroupCommit(parts.Source, parts.Log);
    }

    /// <summary>
    /// Runs until the source completes (it was stopped, and everything was drained inside the budget).
    /// </summary>
    /// <exception cref="WorkerStoppedException">Only a person can decide how to go on.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/>: the drain budget ran out; nothing more is committed.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        // With a disk of its own, nobody else can publish what this worker's last life left there.
        await SettleAsync(ct).ConfigureAwait(false);
        while (true)
        {
            _pulse.Beat();
            if (_source.Events.TryRead(out var next))
                await HandleAsync(next, ct).ConfigureAwait(false);
            else if (!await WaitAsync(ct).ConfigureAwait(false))
                break;
            await TendCheckpointsAsync(ct).ConfigureAwait(false);
        }

        await FinishWriteAsync(ct).ConfigureAwait(false);
        await FinishClosingAsync().ConfigureAwait(false);
    }

    private async Task HandleAsync(SourceEvent next, CancellationToken ct)
    {
        if (next is not MicroBatch)
            await FinishWriteAsync(ct).ConfigureAwait(false);
        switch (next)
        {
            case MicroBatch batch: // 1 consume
                await ProcessAsync(batch, ct).ConfigureAwait(false);
                break;
            case PartitionsAssigned assigned:
                await TakeAsync(assigned, ct).ConfigureAwait(false);
                break;
            case PartitionsRevoked revoked:
                await DrainAsync(revoked, ct).ConfigureAwait(false);
                break;
            case PartitionsLost lost:
                foreach (var lease in lost.Leases)
                    Drop(lease);
                break;
            case MembershipProved proved:
                _log.MembershipProved(proved.Lease.ToString());
                await _taker.TakeAsync([proved.Lease], ct).ConfigureAwait(false);
                _hotLeads.Open([proved.Lease], ct);
                Hold(proved.Lease);
                _source.Position(proved.Lease);
                break;
            case OffsetOutOfRange outOfRange:
                await DecideOffsetOutOfRangeAsync(outOfRange, ct).ConfigureAwait(false);
                break;
            case SourceFailed failed:
                throw new WorkerStoppedException($"The Kafka client cannot go on: {SinkErrors.Describe(failed.Reason)}");
            default:
                throw new UnreachableException(next.GetType().Name);
        }
    }

    private async Task ProcessAsync(MicroBatch batch, CancellationToken ct)
    {
        // One immutable model per micro-batch: every row of it carries the same model id, whatever is swapped meanwhile.
        Failpoint.Reach(ProtocolPoint.Consumed);
        var model = _pool.GetModel(_options.Scoring.ModelName);
        var scored = _free;
        var began = _clock.GetTimestamp();
        var span = BatchTrace.Start(batch, _options.Kafka);
        _scorer.Score(batch, model, scored); // 2 decode, 3 score
        var scoring = _clock.GetElapsedTime(began);
        _quality.Observe(model, _scorer.Rows, scored);
        Failpoint.Reach(ProtocolPoint.Scored);
        _hotLeads.Prepare(batch, scored, model);
        var written = await WrittenAsync().ConfigureAwait(false);
        (_free, _other) = (_other, _free);
        BatchTrace.Enter(span);
        var write = _hotLeads.WriteAsync(batch, scored, model, ct); // 4 write
        _writing = new InFlight(batch, scored, model, write, began, _clock.GetTimestamp(), scoring, span);
        // The database is at work on this batch while the last one is taken in.
        if (written is not null)
            TakeIn(written, ct);
    }

    /// <summary>Waits for the write in flight, if there is one; only then its rows and dead letters go on to step 5.</summary>
    private async Task FinishWriteAsync(CancellationToken ct)
    {
        if (await WrittenAsync().ConfigureAwait(false) is { } written)
            TakeIn(written, ct);
    }

    /// <summary>The batch whose write has been waited for, to be taken in before anything but the next write begins; null: none.</summary>
    private async Task<InFlight?> WrittenAsync()
    {
        if (_writing is not { } write)
            return null;
        var refused = await write.Refused.ConfigureAwait(false);
        _writing = null;
        write.WriteTime = _clock.GetElapsedTime(write.WriteBegan);
        Failpoint.Reach(ProtocolPoint.HotLeadsWritten);
        BatchTrace.Enter(write.Span);
        foreach (var lease in refused)
            Refuse(lease);
        return write;
    }

    /// <summary>Its dead letters are sent and its rows join the open checkpoint.</summary>
    private void TakeIn(InFlight write, CancellationToken ct)
    {
        BatchTrace.Enter(write.Span);
        // A lease may have ended while the write was under way.
        write.Scored.RemoveReleasedAndBad(write.Batch);
        SendDeadLetters(write.Batch, write.Scored, ct);
        Failpoint.Reach(ProtocolPoint.DeadLettersSent);
        if (_openSince == 0 && write.Batch.Count > 0)
            _openSince = _clock.GetTimestamp();
        _openHot += _open.AppendBatch(write.Batch, write.Scored, write.Model);
        _metrics.BatchDone(write.Batch.Count, write.Scored);
        _metrics.BatchTimes(write.Batch.Count, _clock.GetElapsedTime(write.Began), write.Scoring, write.WriteTime);
        BatchTrace.End(write.Span, write.Scored, write.Model);
        _metrics.WarnOfKeyless(write.Scored.KeylessRecords, _log);
        _source.Return(write.Batch);
    }

    private void SendDeadLetters(MicroBatch batch, ScoredBatch scored, CancellationToken ct)
    {
        var sent = 0;
        foreach (var bad in scored.Bad)
        {
            if (batch.Leases[bad.Record].Released)
                continue;
            _openDeadLetters.Add(_deadLetters.SendAsync(batch, bad, ct));
            if (sent++ == 0)
                _log.DeadLettersWritten(scored.Bad.Count, batch.Leases[bad.Record].ToString(), batch.Offsets[bad.Record], bad.Message);
        }

        _openDeadLetterCount += sent;
    }

    /// <summary>Closes a checkpoint that is due, finishes one that is done, settles on the timer.</summary>
    private async Task TendCheckpointsAsync(CancellationToken ct)
    {
        if (_writing is { Refused.IsCompleted: true })
            await FinishWriteAsync(ct).ConfigureAwait(false);
        if (_closing is { IsCompleted: true })
            await FinishClosingAsync().ConfigureAwait(false);
        _commit.Finish(_leases);
        // While one closes the next one fills, up to twice its size; past that the loop waits, and back-pressure follows.
        if (_closing is not null && IsFull(times: 2))
            await FinishClosingAsync().ConfigureAwait(false);
        if (_closing is null && IsCheckpointDue())
        {
            await FinishWriteAsync(ct).ConfigureAwait(false);
            CloseCheckpoint(ct);
        }

        TellStatus();
        if (_clock.GetElapsedTime(_settledAt) >= _options.Checkpoint.SettleInterval)
            await SettleAsync(ct).ConfigureAwait(false);
    }

    private void TellStatus()
    {
        _metrics.Stream.OldestOpen = _closing is null ? _openSince : _closingSince;
        if (_clock.GetElapsedTime(_lagToldAt) < LagInterval)
            return;
        _lagToldAt = _clock.GetTimestamp();
        _metrics.Stream.Lag = TotalLag();
        _metrics.Stream.PartitionLags =
            [.. _leases.Select(lease => (lease.Partition.Topic, lease.Partition.Partition.Value, Math.Max(0, _source.Lag(lease))))];
    }

    private long TotalLag() => _leases.Sum(lease => Math.Max(0, _source.Lag(lease)));

    private bool IsCheckpointDue() =>
        IsFull(times: 1)
        || (_openSince != 0 && _clock.GetElapsedTime(_openSince) >= _options.Checkpoint.MaxAge);

    private bool IsFull(int times) =>
        _open.Count >= (long)times * _options.Checkpoint.MaxRows || _open.SizeBytes >= (long)times * _options.Checkpoint.MaxBytes;

    /// <summary>5 checkpoint: hands the open rows and ranges over; the loop goes on with an empty buffer.</summary>
    private void CloseCheckpoint(CancellationToken ct)
    {
        DropEnded();
        var ranges = new List<PartitionRange>();
        var covered = new List<LeaseRange>();
        foreach (var lease in _leases)
        {
            if (!lease.Offsets!.HasOpenRange)
                continue;
            var (start, end) = lease.Offsets.Stage();
            var (topic, partition) = (lease.Partition.Topic, lease.Partition.Partition.Value);
            ranges.Add(new PartitionRange(topic, partition, lease.OwnerEpoch, start, end, _open.CountOf(topic, partition)));
            covered.Add(new LeaseRange(lease, end));
        }

        var deadLetters = Task.WhenAll(_openDeadLetters);
        var rows = _open;
        _open = _spare;
        _openDeadLetters.Clear();
        (_closingSince, _openSince) = (_openSince, 0);
        if (ranges.Count == 0)
        {
            rows.Clear();
            _spare = rows;
            return;
        }

        _metrics.CheckpointClosed(rows.Count, _openHot, _openDeadLetterCount);
        _openHot = _openDeadLetterCount = 0;
        _closing = _checkpoints.RunAsync(rows, ranges, covered, deadLetters, ct);
    }

    /// <summary>Waits for the checkpoint under way, if there is one.</summary>
    private async Task FinishClosingAsync()
    {
        if (_closing is { } closing)
            Finish(await closing.ConfigureAwait(false));
    }

    private void Finish(CheckpointResult result)
    {
        _closing = null;
        result.Rows.Clear();
        _spare = result.Rows;
        if (!result.IsRegistered)
        {
            // All or nothing: no part of a refused checkpoint is registered by itself, so all its leases are taken again.
            foreach (var (lease, _) in result.Leases)
                Refuse(lease);
            return;
        }

        foreach (var (lease, end) in result.Leases)
            lease.Offsets!.Publish(end);
        _metrics.CheckpointDone(result, TotalLag(), _log);
        _commit.Start(_leases); // 6 commit
    }

    private async Task SettleAsync(CancellationToken ct)
    {
        _settledAt = _clock.GetTimestamp();
        await _retry.RunAsync(Readiness.PostgreSql, _settlement.SettleAsync, ct).ConfigureAwait(false);
        await _retry.RunAsync(Readiness.PostgreSql, _settlement.SweepAsync, ct).ConfigureAwait(false);
        _commit.Renew(_leases);
    }

    /// <summary>Waits for the next event, the end of a checkpoint or a commit, or the next due time. False: the source is complete.</summary>
    private async Task<bool> WaitAsync(CancellationToken ct)
    {
        _nextEvent ??= _source.Events.WaitToReadAsync(ct).AsTask();
        if (!_nextEvent.IsCompleted)
        {
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var due = Task.Delay(UntilDue(), _clock, timer.Token);
            await Task.WhenAny(_nextEvent, due, _writing?.Refused ?? due, _closing ?? due, _commit.Pending ?? due)
                .ConfigureAwait(false);
            timer.Cancel(); // Not CancelAsync: there is one callback, and it is not worth a trip over the thread pool.
        }

        if (!_nextEvent.IsCompleted)
            return true;
        var more = await _nextEvent.ConfigureAwait(false);
        _nextEvent = null;
        return more;
    }

    private TimeSpan UntilDue()
    {
        var settle = _options.Checkpoint.SettleInterval - _clock.GetElapsedTime(_settledAt);
        var due = _openSince == 0 || _closing is not null ? settle : _options.Checkpoint.MaxAge - _clock.GetElapsedTime(_openSince);
        var shorter = due < settle ? due : settle;
        return shorter > TimeSpan.FromMilliseconds(1) ? shorter : TimeSpan.FromMilliseconds(1);
    }
}
