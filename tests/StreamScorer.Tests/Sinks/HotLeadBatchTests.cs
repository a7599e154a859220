using System.Globalization;
using System.Text;
using Confluent.Kafka;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class HotLeadBatchTests
{
    [Fact]
    public void The_newest_event_of_a_lead_stays()
    {
        var batch = NewBatch();
        Fold(batch, "a", offset: 5, eventIndex: 0);
        Fold(batch, "b", offset: 6, eventIndex: 1, hot: true);
        Fold(batch, "a", offset: 7, eventIndex: 2, hot: true);
        Fold(batch, "b", offset: 8, eventIndex: 3);
        Assert.Equal(2, batch.Count);
        Assert.Equal([2, 3], [batch.EventIndex(0), batch.EventIndex(1)]);
        Assert.True(batch.IsHot(0));
        Assert.False(batch.IsHot(1));
    }

    // Mutation: > instead of >=. The event that comes later wins, as it does in the table.
    [Fact]
    public void The_same_offset_again_replaces_and_an_older_one_does_not()
    {
        var batch = NewBatch();
        Fold(batch, "a", offset: 5, eventIndex: 0);
        Fold(batch, "a", offset: 5, eventIndex: 1);
        Fold(batch, "a", offset: 4, eventIndex: 2);
        Assert.Equal(1, batch.EventIndex(0));
    }

    [Fact]
    public void The_newest_hot_event_is_known_also_when_a_cold_one_follows()
    {
        var batch = NewBatch();
        Fold(batch, "a", offset: 1, eventIndex: 0, hot: true);
        Fold(batch, "a", offset: 2, eventIndex: 1, hot: true);
        Fold(batch, "a", offset: 3, eventIndex: 2);
        Fold(batch, "b", offset: 4, eventIndex: 3);
        Assert.Equal([1, -1], [batch.HotEventIndex(0), batch.HotEventIndex(1)]);

        // An older hot event that arrives late from another partition counts when it is the only one.
        Fold(batch, "b", offset: 9, eventIndex: 4, hot: true, partition: -1);
        Assert.Equal((3, 4), (batch.EventIndex(1), batch.HotEventIndex(1)));
    }

    [Fact]
    public void Begin_forgets_everything()
    {
        var batch = NewBatch();
        Fold(batch, "a", offset: 5, eventIndex: 0);
        batch.SetDetails(0, "[]"u8, "{}"u8);
        batch.Begin("m", "other", 2);
        Assert.Equal(0, batch.Count);
        Assert.Equal("other", batch.ModelId);
        Fold(batch, "a", offset: 1, eventIndex: 9);
        Assert.Equal(9, batch.EventIndex(0));
        Assert.True(batch.Reasons(0).IsEmpty);
        Assert.True(batch.Features(0).IsEmpty);
    }

    [Fact]
    public void Details_belong_to_their_entry()
    {
        var batch = NewBatch();
        Fold(batch, "a", offset: 1, eventIndex: 0);
        Fold(batch, "b", offset: 2, eventIndex: 1);
        batch.SetDetails(1, "[1]"u8, default);
        Assert.Equal("[1]", Encoding.UTF8.GetString(batch.Reasons(1).Span));
        Assert.True(batch.Features(1).IsEmpty);
        Assert.True(batch.Reasons(0).IsEmpty);
    }

    [Fact]
    public void Leads_are_ordered_by_the_bytes_of_their_ids()
    {
        var batch = NewBatch();
        string[] ids = ["b", "é", "a", "Z", "aa", "\U0001F600", "\uFFFD", ""];
        for (int i = 0; i < ids.Length; i++)
            Fold(batch, ids[i], offset: i, eventIndex: i);
        var ordered = batch.OrderedByLeadId().ToArray().Select(entry => Encoding.UTF8.GetString(batch.LeadId(entry)));

        // UTF-8 order, in which U+1F600 follows U+FFFD; UTF-16 order has it the other way round.
        Assert.Equal(["", "Z", "a", "aa", "b", "é", "\uFFFD", "\U0001F600"], ordered);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_events_fold_as_a_dictionary_says(int seed)
    {
        var random = new Random(seed);
        var batch = new HotLeadBatch();
        for (int round = 0; round < 5; round++)
        {
            batch.Begin("m", "id", 0);
            var newest = new Dictionary<string, (int Partition, long Time, long Offset, int Index)>();
            for (int i = 0; i < 20_000; i++)
            {
                string id = new('x', random.Next(0, 40));
                id += random.Next(0, 3000).ToString(CultureInfo.InvariantCulture);
                int partition = random.Next(0, 3);
                long time = random.Next(0, 10) == 0 ? ScoredEvent.NoTime : random.Next(0, 1000);
                Fold(batch, id, offset: i, eventIndex: i, partition: partition, time: time);
                if (!newest.TryGetValue(id, out var known)
                    || (known.Partition == partition
                        ? i >= known.Offset
                        : (time, partition).CompareTo((known.Time, known.Partition)) > 0))
                    newest[id] = (partition, time, i, i);
            }

            Assert.True(newest.Count == batch.Count, $"seed {seed}");
            for (int entry = 0; entry < batch.Count; entry++)
            {
                var expected = newest[Encoding.UTF8.GetString(batch.LeadId(entry))];
                Assert.True(expected.Index == batch.EventIndex(entry), $"seed {seed}, round {round}");
            }
        }
    }

    [Fact]
    public void Folding_allocates_nothing_once_the_buffers_have_grown()
    {
        var batch = new HotLeadBatch();
        var ids = Enumerable.Range(0, 4096).Select(i => Encoding.UTF8.GetBytes($"lead-{i % 1500}")).ToArray();
        long FoldAll()
        {
            batch.Begin("m", "id", 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int slot = batch.PartitionSlot("t", 0);
            for (int i = 0; i < ids.Length; i++)
                batch.Fold(slot, ids[i], new ScoredEvent { Offset = i }, i);
            _ = batch.OrderedByLeadId();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        FoldAll();

        // The partition's own object is the one thing made anew. The least of several runs, because the counter moves by
        // whole blocks, also for what the runtime does on this thread.
        Assert.InRange(Enumerable.Range(0, 5).Min(_ => FoldAll()), 0, 200);
    }

    [Theory]
    [InlineData(5, 0, 4, 1, true)]
    [InlineData(4, 1, 5, 0, false)]
    [InlineData(5, 1, 5, 0, true)]
    [InlineData(5, 0, 5, 1, false)]
    [InlineData(ScoredEvent.NoTime, 1, 5, 0, false)]
    [InlineData(5, 0, ScoredEvent.NoTime, 1, true)]
    [InlineData(ScoredEvent.NoTime, 1, ScoredEvent.NoTime, 0, true)]
    public void Across_partitions_broker_time_decides_then_the_partition(
        long time, int partition, long knownTime, int knownPartition, bool newer) =>
        Assert.Equal(newer, HotLeadOrder.IsNewerAcrossPartitions(
            time, new TopicPartition("t", partition), knownTime, new TopicPartition("t", knownPartition)));

    private static HotLeadBatch NewBatch()
    {
        var batch = new HotLeadBatch();
        batch.Begin("m", "id", 1);
        return batch;
    }

    private static void Fold(
        HotLeadBatch batch, string id, long offset, int eventIndex,
        bool hot = false, int partition = 0, long time = ScoredEvent.NoTime) =>
        batch.Fold(
            batch.PartitionSlot("t", partition),
            Encoding.UTF8.GetBytes(id),
            new ScoredEvent { Offset = offset, KafkaTimestampMicros = time, Hot = hot },
            eventIndex);
}
