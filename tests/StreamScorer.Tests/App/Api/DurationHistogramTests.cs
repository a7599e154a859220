using StreamScorer.App.Api.Live;
using Xunit;

namespace StreamScorer.Tests.App.Api;

public sealed class DurationHistogramTests
{
    [Fact]
    public void Quantiles_are_right_to_six_per_cent_and_taking_them_begins_anew()
    {
        var histogram = new DurationHistogram();
        Assert.Null(histogram.Take());
        var random = new Random(7);
        var durations = Enumerable.Range(0, 10_000).Select(_ => Math.Pow(10, (random.NextDouble() * 5) - 4)).Order().ToArray();
        foreach (var duration in durations)
            histogram.Add(duration);

        var (p50, p99) = histogram.Take()!.Value;

        Assert.InRange(p50 / durations[4999], 0.94, 1.06);
        Assert.InRange(p99 / durations[9899], 0.94, 1.06);
        Assert.Null(histogram.Take());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-9)]
    [InlineData(1e9)]
    public void Durations_beyond_every_bin_are_counted_too(double seconds)
    {
        var histogram = new DurationHistogram();
        histogram.Add(seconds);
        Assert.NotNull(histogram.Take());
    }
}
