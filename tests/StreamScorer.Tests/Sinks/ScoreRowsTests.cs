using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class ScoreRowsTests
{
    [Fact]
    public void Rows_leave_in_order_of_topic_partition_and_offset()
    {
        var rows = NewRows();
        Append(rows, "b", 0, 4);
        Append(rows, "a", 10, 1);
        Append(rows, "a", 9, 7);
        Append(rows, "a", 10, 2);
        Append(rows, "b", 0, 5);
        Append(rows, "a", 9, 8);
        Assert.Equal(["a 9 7", "a 9 8", "a 10 1", "a 10 2", "b 0 4", "b 0 5"], Order(rows));
        Assert.Equal((6, 2, 0), (rows.Count, rows.CountOf("a", 9), rows.CountOf("a", 3)));
    }

    // Mutation: no check. The same event twice in a file is what nobody could take back.
    [Fact]
    public void An_offset_that_does_not_rise_is_a_fault()
    {
        var rows = NewRows();
        Append(rows, "a", 0, 4);
        Append(rows, "a", 1, 4);
        Assert.Throws<InvalidOperationException>(() => Append(rows, "a", 0, 4));
        Assert.Throws<InvalidOperationException>(() => Append(rows, "a", 0, 3));
        Assert.Equal(2, rows.Count);
    }

    [Fact]
    public void A_row_needs_a_batch() => Assert.Throws<InvalidOperationException>(() => Append(new ScoreRows(), "a", 0, 0));

    [Fact]
    public void A_dropped_partition_is_gone_and_may_start_anew()
    {
        var rows = NewRows();
        for (int i = 0; i < 10; i++)
        {
            Append(rows, "a", 0, i);
            Append(rows, "a", 1, i);
        }

        rows.DropPartition("a", 0);
        rows.DropPartition("a", 7);
        Assert.Equal((10, 0, 10), (rows.Count, rows.CountOf("a", 0), rows.CountOf("a", 1)));
        Append(rows, "a", 0, 2);
        Assert.Equal("a 0 2", Order(rows)[0]);
        Assert.Equal(11, rows.Count);
    }

    [Fact]
    public void Clear_forgets_rows_partitions_and_sizes()
    {
        var rows = NewRows();
        for (int partition = 0; partition < 100; partition++)
            Append(rows, "a", partition, 5);
        Assert.True(rows.SizeBytes > 100 * 60);
        rows.Clear();
        Assert.Equal((0, 0, 0L), (rows.Count, rows.CountOf("a", 3), rows.SizeBytes));
        rows.BeginBatch("m", "id", 0);
        Append(rows, "a", 3, 1);
        Assert.Equal(["a 3 1"], Order(rows));
    }

    [Fact]
    public void A_row_allocates_nothing_once_the_buffers_have_grown()
    {
        var rows = new ScoreRows();
        long Fill()
        {
            rows.Clear();
            rows.BeginBatch("m", "id", 0);
            int slot = rows.PartitionSlot("a", 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20_000; i++)
                rows.Append(slot, new ScoredEvent { Offset = i }, "lead-0001"u8, "event-0001"u8, "[]"u8);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Fill();

        // The least of several: the counter moves by whole blocks, also for what the runtime does on this thread.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Fill()));
    }

    private static ScoreRows NewRows()
    {
        var rows = new ScoreRows();
        rows.BeginBatch("m", "id", 0);
        return rows;
    }

    private static void Append(ScoreRows rows, string topic, int partition, long offset) =>
        rows.Append(rows.PartitionSlot(topic, partition), new ScoredEvent { Offset = offset }, "lead"u8, default, default);

    private static List<string> Order(ScoreRows rows)
    {
        var order = new List<string>();
        rows.ForEachInOrder((partition, in scored, _, _) => order.Add($"{partition.Topic} {partition.Partition.Value} {scored.Offset}"));
        return order;
    }
}
