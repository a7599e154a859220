using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class RandomForestTrainerTests
{
    [Fact]
    public void The_same_seed_gives_the_same_model_whatever_the_thread_count()
    {
        var leads = new SyntheticLeads(3, 3000);
        var one = leads.TrainForest(threads: 1);
        var four = leads.TrainForest(threads: 4);
        Assert.Equal(one.Id, four.Id);
        Assert.NotEqual(one.Id, leads.TrainForest(seed: 43).Id);
    }

    [Fact]
    public void It_learns_what_the_label_depends_on()
    {
        var leads = new SyntheticLeads(3, 4000);
        var model = leads.TrainForest(trees: 50);
        var fresh = new SyntheticLeads(4, 2000);
        var rows = leads.Schema.Encode(fresh.Table);
        var raw = new double[2000];
        var probability = new double[2000];
        model.CreateScorer().Score(rows, raw, probability);
        var metrics = BinaryMetrics.Compute(probability, fresh.Labels);
        Assert.True(metrics.AucRoc > 0.78, $"AUC {metrics.AucRoc}");
        Assert.True(metrics.CalibrationError < 0.05, $"calibration error {metrics.CalibrationError}");
    }

    [Fact]
    public void Splits_of_a_bucketised_feature_lie_on_its_edges()
    {
        var model = new SyntheticLeads(3, 1000).TrainForest();
        double[] allowed = [.. new[] { 1.0, 3, 5, 10 }.Select(Math.BitDecrement), double.PositiveInfinity];
        var used = model.Members[0].Trees
            .SelectMany(tree => tree.Threshold.Where((_, node) => tree.Feature[node] == 0))
            .ToHashSet();
        Assert.NotEmpty(used);
        Assert.Subset(allowed.ToHashSet(), used);
    }

    [Fact]
    public void A_constant_table_gives_single_leaves_and_the_base_rate()
    {
        var table = new RawTable(["x"], [["1", "1", "1", "1"]]);
        var schema = FeatureSchema.Fit("x", [new FeatureSpec("x", "x", "x", "x")], table);
        var model = RandomForestTrainer.Train(
            "x", schema, schema.Encode(table), new[] { true, false, false, false }, new RandomForestOptions { Trees = 200 });
        var raw = new double[1];
        model.CreateScorer().Score([1.0], raw, new double[1]);
        Assert.Equal(0.25, raw[0], 0.1);
    }

    [Fact]
    public void Out_of_fold_scores_know_nothing_of_their_own_labels()
    {
        // Labels by chance, and a column of so many values that a tree could learn them by heart.
        const int count = 3000;
        var random = new Random(5);
        var labels = Enumerable.Range(0, count).Select(_ => random.Next(2) == 0).ToArray();
        var employers = Enumerable.Range(0, count).Select(_ => (string?)$"e{random.Next(200)}").ToArray();
        var table = new RawTable(["employer"], [employers]);
        var schema = FeatureSchema.Fit(
            "noise", [new FeatureSpec("Employer", "employer", "employer", "employer", FeatureKind.Categorical)], table);

        var outOfFold = RandomForestTrainer.OutOfFold(
            schema, schema.Encode(table), labels, new RandomForestOptions { Trees = 30 }, folds: 5, null, default);

        Assert.InRange(BinaryMetrics.Compute(outOfFold, labels).AucRoc, 0.45, 0.55);
        var (_, ofBoosting) = GradientBoostingTrainer.TrainMember(
            schema, schema.Encode(table), labels, new GradientBoostingOptions { Trees = 30 }, null, default);
        Assert.InRange(BinaryMetrics.Compute(ofBoosting, labels).AucRoc, 0.45, 0.55);
    }

    [Fact]
    public void Wrong_shapes_and_settings_are_named()
    {
        var leads = new SyntheticLeads(3, 100);
        Assert.Throws<ForestException>(() => RandomForestTrainer.Train("x", leads.Schema, leads.Rows, new bool[99], new()));
        Assert.Throws<ForestException>(() => RandomForestTrainer.Train("x", leads.Schema, leads.Rows, new bool[100], new()));
        var error = Assert.Throws<ForestException>(
            () => RandomForestTrainer.Train("x", leads.Schema, leads.Rows, leads.Labels, new() { Trees = 0 }));
        Assert.Contains("Trees is 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_stops_the_training()
    {
        var leads = new SyntheticLeads(3, 500);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => RandomForestTrainer.Train("x", leads.Schema, leads.Rows, leads.Labels, new(), ct: source.Token));
    }
}
