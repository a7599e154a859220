using System.Runtime.CompilerServices;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Tests.Scoring;
using Xunit;

namespace StreamScorer.Tests.Sinks;

/// <summary>What keeps the path of an event fast, told without a clock: bytes allocated, and calls per micro-batch.</summary>
public sealed class HotPathTests : IDisposable
{
    private const int Events = 500;
    private const int Leads = 50;

    private readonly PredictionEnginePool _pool = new(new HotThreshold(0.5));
    private readonly BatchScorer _scorer;
    private readonly ScoringModel _model;

    public HotPathTests()
    {
        _pool.Add("small", SmallModels.Train(1));
        _model = _pool.GetModel("small");
        _scorer = new BatchScorer(
            new ScoringOptions { ModelName = "small", Threshold = 0.5, Reasons = ReasonsFor.All }, _pool, TimeProvider.System);
    }

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Decoding_scoring_and_appending_an_event_allocates_nothing()
    {
        // Red for a string, a boxed value or a closure per event anywhere between the payload and the checkpoint's rows.
        var rows = new ScoreRows();
        var scored = new ScoredBatch();
        foreach (var batch in Batches(3))
            Run(batch, scored, rows);

        // A collection in between counts what is left of the thread's allocation window, 8 KB, as allocated: the least of a few runs.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            rows.Clear();
            var batches = Batches(3);
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var batch in batches)
                Run(batch, scored, rows);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(3 * Events, rows.Count);
        }

        // Per batch, not per event: a lent engine, a name.
        Assert.InRange(least, 0, 3 * 400);
    }

    [Fact]
    public async Task A_micro_batch_is_one_write_and_one_of_cold_leads_without_rows_is_none()
    {
        var store = new CountingStore();
        var retry = new OutageRetry(new Readiness(TimeProvider.System), NullLogger.Instance, TimeProvider.System);
        var writer = new HotLeadWriter(store, retry, new LeadFilter(store, retry, new HotLeadsOptions()));
        var scored = new ScoredBatch();
        foreach (var (visits, writes) in ((int, int)[])[(0, 0), (9, 1), (0, 2)])
        {
            var batch = Batch(0, visits);
            writer.Open([batch.Leases[0]], default);
            _scorer.Score(batch, _model, scored);
            Assert.Equal(visits == 9, scored.Events[0].Hot);
            Assert.Empty(await writer.WriteAsync(batch, scored, _model, default));
            Assert.Equal(writes, store.Writes);
        }

        Assert.Equal(Leads, store.Leads);
    }

    private void Run(MicroBatch batch, ScoredBatch scored, ScoreRows rows)
    {
        _scorer.Score(batch, _model, scored);
        rows.BeginBatch("small", _model.Id, scored.ScoredAtMicros);
        var slot = rows.PartitionSlot(batch.Leases[0].Partition.Topic, batch.Leases[0].Partition.Partition.Value);
        for (var i = 0; i < scored.Count; i++)
        {
            ref readonly var decoded = ref scored.Decoded[i];
            rows.Append(
                slot, scored.Events[i], scored.Texts.Get(decoded.LeadId), scored.Texts.Get(decoded.EventId),
                scored.Texts.Get(scored.Reasons[i]));
        }
    }

    private static List<MicroBatch> Batches(int count) => [.. Enumerable.Range(0, count).Select(partition => Batch(partition, visits: 9))];

    private static MicroBatch Batch(int partition, int visits)
    {
        var lease = new PartitionLease(new TopicPartition("hot-path", partition));
        lease.Take(1, 0);
        var batch = new MicroBatch(Events);
        for (var i = 0; i < Events; i++)
        {
            var key = Encoding.UTF8.GetBytes($"lead-{i % Leads}");
            var value = Encoding.UTF8.GetBytes(
                $$"""{"leadId":"lead-{{i % Leads}}","eventId":"e-{{i}}","totalVisits":{{visits}},"lastAction":"SMS Sent"}""");
            batch.Append(lease, i, 0, batch.Payload.Append(key), batch.Payload.Append(value));
        }

        return batch;
    }

    /// <summary>Counts writes, and tells of the leads that it was given.</summary>
    private sealed class CountingStore : IHotLeadStore
    {
        private readonly HashSet<string> _leads = [];

        public int Writes { get; private set; }

        public int Leads => _leads.Count;

        public Task<HotLeadWriteResult> WriteAsync(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct)
        {
            Writes++;
            for (var entry = 0; entry < batch.Count; entry++)
                _leads.Add(Encoding.UTF8.GetString(batch.LeadId(entry)));
            return Task.FromResult(new HotLeadWriteResult([], batch.Count));
        }

        public async IAsyncEnumerable<(int Partition, ReadOnlyMemory<byte> LeadId)> LeadsAsync(
            string topic, IReadOnlyList<int> partitions, [EnumeratorCancellation] CancellationToken ct)
        {
            foreach (var lead in _leads)
                yield return (partitions[0], Encoding.UTF8.GetBytes(lead));
            await Task.CompletedTask;
        }
    }
}
