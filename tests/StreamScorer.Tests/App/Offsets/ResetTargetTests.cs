using StreamScorer.App.Offsets;
using Xunit;

namespace StreamScorer.Tests.App.Offsets;

public class ResetTargetTests
{
    private static readonly Dictionary<int, PartitionOffsets> Partitions = new()
    {
        [0] = new PartitionOffsets(10, 50, 20),
        [1] = new PartitionOffsets(0, 30, null),
    };

    [Theory]
    [InlineData("earliest", 10, 0)]
    [InlineData("latest", 50, 30)]
    [InlineData("30", 30, 30)]
    public void Each_partition_gets_its_target(string text, long first, long second)
    {
        Assert.True(ResetTarget.TryParse(text, out var target));
        var resolved = target.Resolve(new GroupOffsets(new KafkaOptions()), Partitions);

        Assert.Equal((first, second), (resolved[0], resolved[1]));
        Assert.False(target.NeedsTimestamps);
    }

    [Fact]
    public void An_offset_that_a_partition_does_not_have_is_refused_by_name()
    {
        Assert.True(ResetTarget.TryParse("5", out var target));

        var refusal = Assert.Throws<ArgumentException>(() => target.Resolve(new GroupOffsets(new KafkaOptions()), Partitions));

        Assert.Contains("partition 0 has offsets 10 to 50", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("partition 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_moment_needs_timestamps()
    {
        Assert.True(ResetTarget.TryParse("2026-05-01T08:00:00Z", out var target));
        Assert.True(target.NeedsTimestamps);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-5")]
    [InlineData("2026-05-01")]
    [InlineData("")]
    public void Anything_else_is_none(string text) => Assert.False(ResetTarget.TryParse(text, out _));
}
