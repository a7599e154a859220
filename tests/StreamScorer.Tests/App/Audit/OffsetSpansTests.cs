using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class OffsetSpansTests
{
    [Fact]
    public void NearRunsAreReadTogether() => Assert.Equal(
        [new OffsetRun(5, 1500), new OffsetRun(90_000, 90_001)],
        OffsetSpans.Coalesce([new OffsetRun(90_000, 90_001), new OffsetRun(5, 6), new OffsetRun(1400, 1500)], 10));

    [Fact]
    public void NeverMoreSpansThanAsked()
    {
        var runs = Enumerable.Range(0, 100).Select(i => new OffsetRun(i * 10_000L * (1 + i % 3), i * 10_000L * (1 + i % 3) + 1)).ToArray();

        var spans = OffsetSpans.Coalesce(runs, 8);

        Assert.InRange(spans.Count, 1, 8);
        Assert.All(runs, run => Assert.Contains(spans, span => span.Contains(run.Start)));
    }

    [Fact]
    public void ClippingOutsideGivesNothing()
    {
        Assert.Equal(0, OffsetSpans.Clip(new OffsetRun(5, 9), new OffsetRun(20, 30)).Length);
        Assert.Equal(0, OffsetSpans.Clip(new OffsetRun(40, 50), new OffsetRun(20, 30)).Length);
        Assert.Equal(new OffsetRun(25, 30), OffsetSpans.Clip(new OffsetRun(25, 50), new OffsetRun(20, 30)));
    }
}
