using StreamScorer.Forests;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>How a model has done on the leads whose outcome is known.</summary>
/// <param name="ModelName">Its name in the pool.</param>
/// <param name="ModelId">SHA-256 of its file.</param>
/// <param name="Realised">Measured on the scores acted on and what came true.</param>
/// <param name="Expected">What the same scores promised before anything came true.</param>
/// <param name="Buckets">Conversion by bucket, 5 (tier A) first.</param>
public sealed record ModelQuality(
    string ModelName, string ModelId, BinaryMetrics Realised, ExpectedPerformance Expected, IReadOnlyList<BucketConversion> Buckets)
{
    private const int MostBuckets = 5;

    /// <summary>One per model, those with the most outcomes first.</summary>
    public static IReadOnlyList<ModelQuality> Of(IEnumerable<ScoredOutcome> outcomes) =>
    [
        .. outcomes.GroupBy(outcome => (outcome.ModelName, outcome.ModelId))
            .Select(model => Of(model.Key.ModelName, model.Key.ModelId, [.. model]))
            .OrderByDescending(model => model.Realised.Rows).ThenBy(model => model.ModelId, StringComparer.Ordinal),
    ];

    private static ModelQuality Of(string name, string id, List<ScoredOutcome> outcomes)
    {
        var probability = outcomes.Select(outcome => outcome.Probability).ToArray();
        var converted = outcomes.Select(outcome => outcome.Converted).ToArray();
        return new ModelQuality(
            name, id, BinaryMetrics.Compute(probability, converted), ExpectedPerformance.Of(probability),
            [.. Enumerable.Range(0, MostBuckets).Select(i => BucketConversion.Of(MostBuckets - i, outcomes))]);
    }
}

/// <summary>What became of the leads of one bucket.</summary>
/// <param name="Bucket">1 to 5.</param>
/// <param name="Tier">E to A.</param>
/// <param name="Leads">Leads with an outcome.</param>
/// <param name="Converted">Those that converted.</param>
/// <param name="MeanProbability">What was predicted on average; 0 without leads.</param>
public sealed record BucketConversion(int Bucket, char Tier, int Leads, int Converted, double MeanProbability)
{
    /// <summary>Share that converted; 0 without leads.</summary>
    public double Rate => Leads == 0 ? 0 : (double)Converted / Leads;

    internal static BucketConversion Of(int bucket, List<ScoredOutcome> outcomes)
    {
        var own = outcomes.Where(outcome => outcome.Bucket == bucket).ToList();
        return new BucketConversion(
            bucket, ForestModel.TierOf(bucket), own.Count, own.Count(outcome => outcome.Converted),
            own.Count == 0 ? 0 : own.Average(outcome => outcome.Probability));
    }
}
