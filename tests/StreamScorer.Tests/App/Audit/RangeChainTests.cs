using Confluent.Kafka;
using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class RangeChainTests
{
    [Fact]
    public void AWholeChainHasNothingToSay()
    {
        var chain = Chain(30, [Range(0, 0, 10), Range(0, 10, 30)]);

        Assert.Empty(chain.Overlaps);
        Assert.Empty(chain.BeyondProgress);
        Assert.Equal([new OffsetRun(0, 30)], chain.AccountedOffsets());
    }

    [Fact]
    public void OverlappingRangesAreNamedWithTheOffsetsBothClaim()
    {
        var chain = Chain(40, [Range(0, 0, 20), Range(0, 15, 18), Range(0, 19, 40)]);

        Assert.Equal([new OffsetRun(15, 18), new OffsetRun(19, 20)], chain.Overlaps.Select(overlap => overlap.Offsets));
    }

    [Fact]
    public void AResetBeginsANewIncarnationAndNoOverlap()
    {
        var chain = Chain(
            25,
            [Range(0, 0, 50), Range(1, 10, 25)],
            new RecordedReset(1, 50, 10, DateTimeOffset.UnixEpoch));

        Assert.Empty(chain.Overlaps);
        Assert.Empty(chain.BeyondProgress);
        Assert.Equal([new OffsetRun(0, 50)], chain.AccountedOffsets());
        Assert.Equal(new OffsetRun(10, 25), chain.Domains[1]);
    }

    [Fact]
    public void OffsetsSkippedByAResetAreNotAccountedFor()
    {
        var chain = Chain(
            120,
            [Range(0, 0, 50), Range(1, 100, 120)],
            new RecordedReset(1, 50, 100, DateTimeOffset.UnixEpoch));

        Assert.Equal([new OffsetRun(0, 50), new OffsetRun(100, 120)], chain.AccountedOffsets());
        Assert.False(chain.Accounts(70));
        Assert.True(chain.Accounts(100));
    }

    [Fact]
    public void ARangeBeyondProgressIsNamed() =>
        Assert.Equal([new OffsetRun(10, 30)], Chain(20, [Range(0, 0, 10), Range(0, 10, 30)]).BeyondProgress.Select(range => range.Offsets));

    internal static RegisteredRange Range(long incarnation, long start, long end) => new(
        new RegisteredFile(Guid.NewGuid(), Guid.Empty, "staging/x", $"scores/{start}.parquet", DateTimeOffset.UnixEpoch, true),
        incarnation, new OffsetRun(start, end), end - start);

    internal static RangeChain Chain(long nextOffset, RegisteredRange[] ranges, params RecordedReset[] resets) => new(new PartitionLedger(
        new TopicPartition("lead-events", 0), ranges.Min(range => range.Offsets.Start), nextOffset, ranges, [], resets));
}
