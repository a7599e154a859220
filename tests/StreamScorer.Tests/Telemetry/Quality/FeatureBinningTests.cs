using StreamScorer.Forests;
using StreamScorer.Telemetry.Quality;
using StreamScorer.Tests.Forests;
using StreamScorer.Tests.Scoring;
using Xunit;

namespace StreamScorer.Tests.Telemetry.Quality;

public sealed class FeatureBinningTests
{
    [Fact]
    public void Counting_the_training_rows_gives_the_training_counts()
    {
        var leads = new SyntheticLeads(seed: 5, rows: 3000, categories: 60);
        var forest = leads.TrainForest(trees: 2, depth: 2);
        foreach (var feature in forest.Schema.Features)
        {
            var binning = new FeatureBinning(feature, forest.Baseline.Features[feature.Index]);
            var counts = new long[binning.Count];
            binning.Add(leads.Rows, forest.Schema.Count, counts);
            Assert.Equal(binning.BaselineCounts, counts);
            Assert.InRange(binning.Count, 2, FeatureBinning.MostBins);
        }
    }

    [Fact]
    public void Values_fall_where_the_baseline_puts_them()
    {
        double[] edges = [-3, 0, 0.5, 7, 1e300];
        var feature = SmallModels.Train(1).Schema.Features.First(each => each.Kind == FeatureKind.Numeric);
        var baseline = new FeatureBaseline(0, edges, new long[edges.Length + 1]);
        var binning = new FeatureBinning(feature, baseline);
        foreach (var value in new[] { double.NegativeInfinity, -4, -3, -0.0, 0.0, 0.25, 0.5, 6.999, 7, 8, 1e300, double.PositiveInfinity })
        {
            var counts = new long[binning.Count];
            var row = new double[feature.Index + 1];
            row[feature.Index] = value;
            binning.Add(row, row.Length, counts);
            Assert.Equal(1, counts[baseline.BinOf(value) + 1]);
        }

        var missing = new long[binning.Count];
        binning.Add([.. Enumerable.Repeat(double.NaN, feature.Index + 1)], feature.Index + 1, missing);
        Assert.Equal(1, missing[0]);
    }

    [Fact]
    public void Equal_distributions_have_no_drift_and_an_example_has_its_known_figures()
    {
        Assert.Equal(0, Drift.PopulationStabilityIndex([100, 200], [100, 200]), 12);
        Assert.Equal(0, Drift.KullbackLeibler([100, 200], [100, 200]), 12);
        // By hand: p = 0.5, q = 0.25 of a million rows, where the half row added does not show.
        var (live, training) = (new long[] { 500_000, 500_000 }, new long[] { 250_000, 750_000 });
        Assert.Equal(0.25 * Math.Log(3), Drift.PopulationStabilityIndex(live, training), 5);
        Assert.Equal((0.5 * Math.Log(2)) + (0.5 * Math.Log(2.0 / 3)), Drift.KullbackLeibler(live, training), 5);
    }
}
