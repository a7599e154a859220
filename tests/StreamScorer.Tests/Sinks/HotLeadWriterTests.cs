using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Tests.Scoring;
using Xunit;

namespace StreamScorer.Tests.Sinks;

/// <summary>A micro-batch that is folded while the one before it is still being written.</summary>
public sealed class HotLeadWriterTests : IDisposable
{
    private readonly PredictionEnginePool _pool = new(new HotThreshold(0.5));
    private readonly BatchScorer _scorer;
    private readonly ScoringModel _model;
    private readonly SlowStore _store = new();
    private readonly HotLeadWriter _writer;

    public HotLeadWriterTests()
    {
        _pool.Add("small", SmallModels.Train(1));
        _model = _pool.GetModel("small");
        _scorer = new BatchScorer(
            new ScoringOptions { ModelName = "small", Threshold = 0.5, Reasons = ReasonsFor.Hot }, _pool, TimeProvider.System);
        _writer = new HotLeadWriter(_store, new OutageRetry(new Readiness(TimeProvider.System), NullLogger.Instance, TimeProvider.System));
    }

    public void Dispose() => _pool.Dispose();

    // Mutation: both batches are folded into the same place, so that what is under way turns into what comes next.
    [Fact]
    public async Task EachBatchIsWrittenAsItIs()
    {
        var (first, second) = (Batch(0, "a", "b"), Batch(1, "c", "d"));
        _writer.Prepare(first.Batch, first.Scored, _model);
        var writing = _writer.WriteAsync(first.Batch, first.Scored, _model, default);
        _writer.Prepare(second.Batch, second.Scored, _model);
        _store.Answer();
        Assert.Empty(await writing);
        writing = _writer.WriteAsync(second.Batch, second.Scored, _model, default);
        _store.Answer();
        Assert.Empty(await writing);
        Assert.Equal(["a b of 0", "c d of 1"], _store.Written);
    }

    // Mutation: what was folded ahead is written whatever happened since. It would write under an epoch that the worker has lost.
    [Fact]
    public async Task ALeaseThatEndsAfterTheFoldIsNotWritten()
    {
        var (kept, ended) = (Lease(0), Lease(1));
        var (batch, scored) = Scored([(kept, "a"), (ended, "b"), (kept, "c")]);
        _writer.Prepare(batch, scored, _model);
        ended.Release();
        var writing = _writer.WriteAsync(batch, scored, _model, default);
        _store.Answer();
        Assert.Empty(await writing);
        Assert.Equal(["a c of 0"], _store.Written);
    }

    // Mutation: the parts of a refused batch are folded into the place of the batch that waits.
    [Fact]
    public async Task ABatchThatIsTakenApartLeavesTheNextOneAlone()
    {
        var (first, second) = (Batch(0, "a", "bad", "b"), Batch(1, "c", "d"));
        _writer.Prepare(first.Batch, first.Scored, _model);
        var writing = _writer.WriteAsync(first.Batch, first.Scored, _model, default);
        _writer.Prepare(second.Batch, second.Scored, _model);
        while (!writing.IsCompleted)
            _store.Answer();
        Assert.Empty(await writing);
        Assert.Single(first.Scored.Bad);
        writing = _writer.WriteAsync(second.Batch, second.Scored, _model, default);
        _store.Answer();
        Assert.Empty(await writing);
        Assert.Equal("c d of 1", _store.Written[^1]);
        Assert.Equal(["a", "b"], _store.Written[..^1].SelectMany(written => written.Split(" of ")[0].Split(' ')).Order());
    }

    private (MicroBatch Batch, ScoredBatch Scored) Batch(int partition, params string[] leads)
    {
        var lease = Lease(partition);
        return Scored([.. leads.Select(lead => (lease, lead))]);
    }

    private (MicroBatch Batch, ScoredBatch Scored) Scored((PartitionLease Lease, string Lead)[] events)
    {
        var batch = new MicroBatch(events.Length);
        for (var i = 0; i < events.Length; i++)
        {
            batch.Append(
                events[i].Lease, i, 0, batch.Payload.Append(Encoding.UTF8.GetBytes(events[i].Lead)),
                batch.Payload.Append("""{"totalVisits":9,"lastAction":"SMS Sent"}"""u8));
        }

        var scored = new ScoredBatch();
        _scorer.Score(batch, _model, scored);
        Assert.True(scored.Events[0].Hot);
        return (batch, scored);
    }

    private static PartitionLease Lease(int partition)
    {
        var lease = new PartitionLease(new TopicPartition("events", partition));
        lease.Take(1, 0);
        return lease;
    }

    /// <summary>Looks at a batch when it answers, as a database does; refuses a lead that is called bad.</summary>
    private sealed class SlowStore : IHotLeadStore
    {
        private readonly Queue<Action> _answers = new();

        public List<string> Written { get; } = [];

        public void Answer()
        {
            if (_answers.TryDequeue(out var answer))
                answer();
        }

        public Task<HotLeadWriteResult> WriteAsync(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct)
        {
            var answered = new TaskCompletionSource<HotLeadWriteResult>();
            _answers.Enqueue(() =>
            {
                var leads = Enumerable.Range(0, batch.Count).Select(entry => Encoding.UTF8.GetString(batch.LeadId(entry))).ToList();
                if (leads.Contains("bad"))
                {
                    answered.SetException(new PostgresException("invalid byte sequence", "ERROR", "ERROR", "22021"));
                    return;
                }

                Written.Add($"{string.Join(' ', leads)} of {string.Join(' ', epochs.Select(epoch => epoch.Partition))}");
                answered.SetResult(new HotLeadWriteResult([], batch.Count));
            });
            return answered.Task;
        }

        public IAsyncEnumerable<(int Partition, ReadOnlyMemory<byte> LeadId)> LeadsAsync(
            string topic, IReadOnlyList<int> partitions, CancellationToken ct) => throw new NotSupportedException();
    }
}
