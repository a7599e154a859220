using System.Globalization;
using System.Text;
using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.Scoring;
using StreamScorer.Tests.Simulation;
using Xunit;

namespace StreamScorer.Tests.Scoring;

public sealed class BatchScorerTests : IDisposable
{
    private const int Events = 4096;

    private readonly PredictionEnginePool _pool = new(new HotThreshold(0.5));
    private readonly ScoringModel _model = new PoisonableModel("small", SmallModels.Train(1));

    public BatchScorerTests() => _pool.Add(_model);

    public void Dispose() => _pool.Dispose();

    [Fact]
    [Scenario(47, Means.UnitTest, "three among 4,096: dead-lettered with stage and reason, the others have the bits they would have without them")]
    public void A_poisoned_event_leaves_the_batch_as_a_bad_record_and_the_others_keep_their_bits()
    {
        int[] poisoned = [0, 1000, Events - 1];
        var scored = Score(Enumerable.Range(0, Events).Select(i => poisoned.Contains(i) ? SimulatedEvents.PoisonVisits : i % 10));
        var clean = Score(Enumerable.Range(0, Events).Select(i => i % 10));

        Assert.Equal(poisoned, scored.Bad.Select(bad => bad.Record));
        Assert.All(scored.Bad, bad => Assert.Equal(("score", "ScoringFailed"), (bad.Stage, bad.Reason)));
        Assert.Equal(Bits(clean).Where(each => !poisoned.Contains(each.Record)), Bits(scored));
        Assert.Equal(0, _pool.LentEngines);
    }

    [Fact]
    public void Poison_in_every_event_leaves_an_empty_batch()
    {
        var scored = Score(Enumerable.Repeat(SimulatedEvents.PoisonVisits, 50));
        Assert.Equal((0, 50), (scored.Count, scored.Bad.Count));
    }

    [Fact]
    public void An_event_whose_reasons_cannot_be_given_is_a_bad_record_too()
    {
        var scored = Score([1, SimulatedEvents.UnexplainableVisits, 2], ReasonsFor.All);
        var bad = Assert.Single(scored.Bad);
        Assert.Equal((1, "score", "ReasonsFailed"), (bad.Record, bad.Stage, bad.Reason));
        Assert.True(scored.Reasons[0].Length > 0 && scored.Reasons[2].Length > 0);
    }

    [Fact]
    [Scenario(65, Means.UnitTest, "batches of 1, 7 and 4,096, on 1 and on 16 threads: the same bits (x64 only; the scalar path against the vector path: ScoringEqualityTests)")]
    public async Task The_bits_do_not_depend_on_batch_size_or_threads()
    {
        int[] visits = [.. Enumerable.Range(0, Events).Select(i => i * 37 % 11)];
        var expected = Bits(Score(visits));
        foreach (var size in new[] { 1, 7, Events })
        {
            var replays = Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(
                () => visits.Chunk(size).SelectMany(chunk => Bits(Score(chunk))).Select(each => (each.Raw, each.Probability)).ToList(),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            foreach (var bits in await Task.WhenAll(replays))
                Assert.Equal(expected.Select(each => (each.Raw, each.Probability)), bits);
        }
    }

    private ScoredBatch Score(IEnumerable<int> visits, ReasonsFor reasons = ReasonsFor.None)
    {
        var scorer = new BatchScorer(new ScoringOptions { ModelName = "small", Threshold = 0.5, Reasons = reasons }, _pool, TimeProvider.System);
        var lease = new PartitionLease(new TopicPartition("events", 0));
        lease.Take(1, 0);
        var values = visits.ToList();
        var batch = new MicroBatch(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            var lead = string.Create(CultureInfo.InvariantCulture, $"lead-{i}");
            batch.Append(
                lease, i, MicroBatch.NoTimestamp, batch.Payload.Append(Encoding.UTF8.GetBytes(lead)),
                batch.Payload.Append(SimulatedEvents.ValueOf(values[i], "SMS Sent", lead)));
        }

        var scored = new ScoredBatch();
        scorer.Score(batch, _model, scored);
        return scored;
    }

    private static List<(int Record, long Raw, long Probability)> Bits(ScoredBatch scored)
    {
        var bits = new List<(int, long, long)>();
        for (var i = 0; i < scored.Count; i++)
        {
            bits.Add((scored.Records[i], BitConverter.DoubleToInt64Bits(scored.Events[i].RawScore),
                BitConverter.DoubleToInt64Bits(scored.Events[i].Probability)));
        }

        return bits;
    }
}
