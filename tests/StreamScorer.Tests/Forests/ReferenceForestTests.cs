using StreamScorer.Forests;
using Xunit;
using Xunit.Abstractions;

namespace StreamScorer.Tests.Forests;

public class ReferenceForestTests(ITestOutputHelper output)
{
    [RequiresSharedDataFact]
    public void The_forest_reaches_the_recorded_scikit_learn_forest_on_the_ten_splits()
    {
        var splits = new LeadScoringSplits();
        foreach (var set in new[] { "reference_with_tags", "reference_without_tags", "all_but_ids_tags_quality_profile" })
        {
            var results = splits.Seeds.Select(seed => (Seed: seed, Metrics: splits.Measure(seed, set, Train))).ToArray();
            var auc = results.Average(result => result.Metrics.AucRoc);
            var accuracy = results.Average(result => result.Metrics.Accuracy);
            var logLoss = results.Average(result => result.Metrics.LogLoss);
            var recordedAuc = results.Average(result => splits.Recorded(result.Seed, set, "random_forest", "auc"));
            var recordedAccuracy = results.Average(result => splits.Recorded(result.Seed, set, "random_forest", "accuracy"));
            output.WriteLine(
                $"{set}: AUC {auc:F5} ({recordedAuc:F5}), accuracy {accuracy:F5} ({recordedAccuracy:F5}), log loss {logLoss:F5}");
            Assert.True(auc >= recordedAuc - 0.001, $"{set}: mean AUC {auc} against {recordedAuc}");
            Assert.True(accuracy >= recordedAccuracy - 0.005, $"{set}: mean accuracy {accuracy} against {recordedAccuracy}");
            if (set == "reference_with_tags")
                Assert.True(logLoss <= 0.21, $"{set}: mean log loss {logLoss}");
        }
    }

    [RequiresSharedDataFact]
    public void The_tag_is_the_only_feature_that_looks_like_a_leak()
    {
        var splits = new LeadScoringSplits();
        var found = splits.Importance("42", "reference_with_tags", Train);
        foreach (var entry in found)
            output.WriteLine(entry.ToString());
        Assert.Equal(["Tags"], found.Where(entry => entry.LooksLikeLeak).Select(entry => entry.Feature));
    }

    private static ForestModel Train(FeatureSchema schema, double[] rows, bool[] labels) =>
        RandomForestTrainer.Train("reference", schema, rows, labels, new RandomForestOptions());
}
