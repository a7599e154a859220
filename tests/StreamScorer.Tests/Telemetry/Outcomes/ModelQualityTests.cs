using StreamScorer.Forests;
using StreamScorer.Telemetry.Outcomes;
using Xunit;

namespace StreamScorer.Tests.Telemetry.Outcomes;

public sealed class ModelQualityTests
{
    [Fact]
    public void Each_model_is_measured_by_itself()
    {
        var random = new Random(3);
        ScoredOutcome[] outcomes =
        [
            .. Enumerable.Range(0, 300).Select(i =>
            {
                var probability = random.NextDouble();
                return new ScoredOutcome(
                    "lead-scoring", i % 3 == 0 ? "id-b" : "id-a", probability, Math.Min(5, 1 + (int)(probability * 5)), random.NextDouble() < probability);
            }),
        ];
        var models = ModelQuality.Of(outcomes);
        Assert.Equal(["id-a", "id-b"], models.Select(model => model.ModelId));
        var own = outcomes.Where(outcome => outcome.ModelId == "id-b").ToList();
        var offline = BinaryMetrics.Compute(own.Select(o => o.Probability).ToArray(), own.Select(o => o.Converted).ToArray());
        Assert.Equal(offline.AucRoc, models[1].Realised.AucRoc);
        Assert.Equal(offline.LogLoss, models[1].Realised.LogLoss);
        Assert.Equal(100, models[1].Buckets.Sum(bucket => bucket.Leads));
        Assert.Equal([('A', 5), ('B', 4), ('C', 3), ('D', 2), ('E', 1)], models[1].Buckets.Select(bucket => (bucket.Tier, bucket.Bucket)));
        var top = models[1].Buckets[0];
        Assert.Equal(own.Count(o => o.Bucket == 5 && o.Converted), top.Converted);
        Assert.Equal((double)top.Converted / top.Leads, top.Rate);
    }

    [Fact]
    public void Few_outcomes_are_not_reported_as_figures()
    {
        using var metrics = new OutcomeMetrics();
        var outcomes = Enumerable.Range(0, OutcomeMetrics.LeastOutcomes).Select(i => new ScoredOutcome("m", "0123456789abcdef", i / 1000.0, 1, i % 2 == 0)).ToList();
        metrics.Models = ModelQuality.Of(outcomes.Skip(1));
        Assert.Empty(metrics.Reported);
        metrics.Models = ModelQuality.Of(outcomes);
        Assert.Single(metrics.Reported);
    }
}
