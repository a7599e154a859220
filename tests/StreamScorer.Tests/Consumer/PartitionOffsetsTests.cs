using StreamScorer.Consumer;
using Xunit;

namespace StreamScorer.Tests.Consumer;

public class PartitionOffsetsTests
{
    [Fact]
    public void Begins_with_nothing_open_and_nothing_to_commit()
    {
        var offsets = new PartitionOffsets(100);
        Assert.False(offsets.HasOpenRange);
        Assert.False(offsets.HasUncommitted);
        Assert.True(offsets.IsNew(100));
        Assert.False(offsets.IsNew(99));
    }

    [Fact]
    public void A_range_covers_what_was_done_since_the_last_one()
    {
        var offsets = new PartitionOffsets(0);
        offsets.Advance(0);
        offsets.Advance(1);
        Assert.Equal((0, 2), offsets.Stage());
        offsets.Advance(2);
        Assert.Equal((2, 3), offsets.Stage());
        Assert.False(offsets.HasOpenRange);
    }

    [Fact]
    [Scenario(42, Means.UnitTest, "offsets the topic skips belong to the range; no loss")]
    public void Offsets_that_the_topic_skips_belong_to_the_range_and_are_counted()
    {
        var offsets = new PartitionOffsets(10);
        offsets.Advance(12);
        offsets.Advance(20);
        Assert.Equal((10, 21), offsets.Stage());
        Assert.Equal(9, offsets.SkippedOffsets);
    }

    [Fact]
    public void A_record_is_done_once()
    {
        var offsets = new PartitionOffsets(5);
        offsets.Advance(5);
        Assert.False(offsets.IsNew(5));
        Assert.Throws<InvalidOperationException>(() => offsets.Advance(5));
    }

    [Fact]
    [Scenario(60, Means.UnitTest, "only what is published is committed")]
    public void Only_published_offsets_are_committed()
    {
        var offsets = new PartitionOffsets(0);
        offsets.Advance(0);
        offsets.Stage();
        Assert.False(offsets.HasUncommitted);
        Assert.Throws<InvalidOperationException>(() => offsets.Commit(1));
        offsets.Publish(1);
        Assert.True(offsets.HasUncommitted);
        offsets.Commit(1);
        Assert.False(offsets.HasUncommitted);
    }

    [Fact]
    public void Publication_never_runs_ahead_of_staging_nor_backwards()
    {
        var offsets = new PartitionOffsets(0);
        offsets.Advance(0);
        Assert.Throws<InvalidOperationException>(() => offsets.Publish(1));
        offsets.Advance(1);
        offsets.Stage();
        offsets.Publish(2);
        Assert.Throws<InvalidOperationException>(() => offsets.Publish(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Scenario(43, Means.UnitTest, "ranges meet without hole or overlap")]
    public void Ranges_of_any_history_meet_without_hole_or_overlap(int seed)
    {
        var random = new Random(seed);
        var offsets = new PartitionOffsets(random.Next(1000));
        var expected = offsets.Start;
        var next = offsets.Start;
        for (var step = 0; step < 10_000; step++)
        {
            if (random.Next(10) > 0)
            {
                next += random.Next(3);
                offsets.Advance(next++);
            }
            else if (offsets.HasOpenRange)
            {
                var (start, end) = offsets.Stage();
                Assert.Equal(expected, start);
                Assert.True(end > start, $"seed {seed}");
                expected = end;
                offsets.Publish(end);
            }

            Assert.True(offsets.Committed <= offsets.Published && offsets.Published <= offsets.Staged && offsets.Staged <= offsets.Next);
        }
    }
}
