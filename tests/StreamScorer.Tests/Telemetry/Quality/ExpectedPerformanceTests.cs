using StreamScorer.Forests;
using StreamScorer.Telemetry.Quality;
using Xunit;

namespace StreamScorer.Tests.Telemetry.Quality;

/// <summary>What calibrated scores promise, against what comes true.</summary>
public sealed class ExpectedPerformanceTests
{
    [Fact]
    public void The_estimate_is_the_average_over_labels_drawn_from_the_scores()
    {
        const int Seed = 11;
        var random = new Random(Seed);
        double[] probability = [.. Enumerable.Range(0, 400).Select(_ => Math.Round(random.NextDouble(), 2))];
        var (auc, logLoss, precision) = (0.0, 0.0, 0.0);
        const int Draws = 300;
        for (var draw = 0; draw < Draws; draw++)
        {
            var metrics = BinaryMetrics.Compute(probability, probability.Select(p => random.NextDouble() < p).ToArray());
            auc += metrics.AucRoc / Draws;
            logLoss += metrics.LogLoss / Draws;
            precision += metrics.HotPrecision / Draws;
        }

        var expected = ExpectedPerformance.Of(probability);
        Assert.True(Math.Abs(expected.AucRoc - auc) < 0.005, $"seed {Seed}: {expected.AucRoc} against {auc}");
        Assert.True(Math.Abs(expected.LogLoss - logLoss) < 0.01, $"seed {Seed}: {expected.LogLoss} against {logLoss}");
        Assert.True(Math.Abs(expected.HotPrecision!.Value - precision) < 0.01, $"seed {Seed}: {expected.HotPrecision} against {precision}");
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(35)]
    public void Before_labels_the_estimate_on_undrifted_leads_is_within_two_hundredths_of_what_comes_true(int seed)
    {
        using var scene = new QualityScene();
        scene.Feed(5000, seed);
        var probability = scene.Scored.Select(scored => scored.Probability).ToArray();
        var realised = BinaryMetrics.Compute(probability, scene.Scored.Select(scored => scored.Converted).ToArray());
        var live = scene.Report()!.Scores!.Expected;
        Assert.Equal(realised.AucRoc, live.AucRoc, 0.02);
        Assert.Equal(realised.HotPrecision, live.HotPrecision!.Value, 0.03);
        Assert.Equal(realised.LogLoss, live.LogLoss, 0.02);
        // What the bins of the live histogram cost.
        var exact = ExpectedPerformance.Of(probability);
        Assert.Equal(exact.AucRoc, live.AucRoc, 0.003);
        Assert.Equal(exact.HotPrecision!.Value, live.HotPrecision.Value, 0.01);
        Assert.Equal(exact.LogLoss, live.LogLoss, 0.005);
    }
}
