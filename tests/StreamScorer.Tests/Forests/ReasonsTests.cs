using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class ReasonsTests
{
    [Theory]
    [InlineData(21, 4, 6, 5)]
    [InlineData(22, 7, 12, 9)]
    [InlineData(23, 30, 4, 14)]
    public void Contributions_and_Shapley_values_add_up_to_the_raw_score(int seed, int features, int trees, int depth)
    {
        var models = new RandomModels(seed);
        foreach (var members in new[] { 1, 2 })
        {
            var model = models.Next(features, trees, depth, chained: true, members);
            var scorer = model.CreateScorer();
            var rows = models.Rows(model, 50);
            var contributions = new double[features];
            for (var row = 0; row < 50; row++)
            {
                var one = rows.AsSpan(row * features, features);
                var raw = ReferenceScorer.Raw(model, one);
                scorer.Contributions(one, contributions, out var baseline);
                AssertNear(raw, baseline + contributions.Sum(), $"seed {seed}, row {row}, paths");
                scorer.ShapleyValues(one, contributions, out var shapBaseline);
                AssertNear(raw, shapBaseline + contributions.Sum(), $"seed {seed}, row {row}, Shapley");
                Assert.Equal(baseline, shapBaseline);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Many_rows_at_once_get_the_bits_of_one_at_a_time(int members)
    {
        const int seed = 41;
        const int features = 6;
        const int count = 150;
        var models = new RandomModels(seed);
        var model = models.Next(features, 8, 7, chained: true, members);
        var scorer = model.CreateScorer();
        var rows = models.Rows(model, count);
        var (paths, shapley, one) = (new double[rows.Length], new double[rows.Length], new double[features]);
        scorer.Contributions(rows, paths, out var baseline);
        scorer.ShapleyValues(rows, shapley, out var shapleyBaseline);
        Assert.Equal(baseline, shapleyBaseline);
        for (var row = 0; row < count; row++)
        {
            var (at, length) = (row * features, features);
            scorer.Contributions(rows.AsSpan(at, length), one, out _);
            Assert.Equal(one, paths[at..(at + length)]);
            scorer.ShapleyValues(rows.AsSpan(at, length), one, out _);
            Assert.Equal(one, shapley[at..(at + length)]);
        }
    }

    [Theory]
    [InlineData(51, 6, 1)]
    [InlineData(52, 6, 2)]
    [InlineData(53, 40, 1)]
    [InlineData(54, 40, 2)]
    public void Rows_that_were_just_scored_get_the_same_contributions(int seed, int features, int members)
    {
        var models = new RandomModels(seed);
        var model = models.Next(features, 12, 8, chained: true, members);
        var (scorer, plain) = (model.CreateScorer(), model.CreateScorer());
        foreach (var count in new[] { 1, 9, RowCoder.BlockRows, RowCoder.BlockRows + 1, ForestScorer.BlockRows })
        {
            var rows = models.Rows(model, count);
            scorer.Score(rows, new double[count], new double[count], keepLeaves: true);
            var (expected, kept) = (new double[features], new double[features]);
            for (var scored = count - 1; scored >= 0; scored--)
            {
                var row = rows.AsSpan(scored * features, features);
                plain.Contributions(row, expected, out var baseline);
                scorer.ContributionsOfScored(scored, row, kept, out var keptBaseline);
                Assert.Equal(expected, kept);
                Assert.Equal(baseline, keptBaseline);
            }

            Assert.Throws<InvalidOperationException>(() => scorer.ContributionsOfScored(count, rows, kept, out _));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(60)]
    public void Contributions_are_the_changes_along_the_paths_whatever_the_number_of_features(int features)
    {
        var models = new RandomModels(features);
        var model = models.Next(features, 9, 7, chained: true);
        var rows = models.Rows(model, 40);
        var (scorer, contributions) = (model.CreateScorer(), new double[features]);
        for (var at = 0; at < rows.Length; at += features)
        {
            var row = rows.AsSpan(at, features);
            scorer.Contributions(row, contributions, out _);
            var expected = new double[features];
            foreach (var tree in model.Members[0].Trees)
            {
                for (var node = 0; tree.Feature[node] != DecisionTree.Leaf;)
                {
                    var child = tree.GoesLeft(node, row[tree.Feature[node]]) ? node + 1 : tree.Right[node];
                    expected[tree.Feature[node]] += tree.Value[child] - tree.Value[node];
                    node = child;
                }
            }

            for (var feature = 0; feature < features; feature++)
                AssertNear(model.Members[0].Finish(expected[feature]), contributions[feature], $"row {at / features}, feature {feature}");
        }
    }

    [Fact]
    public void Leaves_are_kept_of_the_last_block_only_and_where_asked_for()
    {
        var model = new RandomModels(55).Next(6, 4, 5, chained: true);
        var rows = new RandomModels(56).Rows(model, ForestScorer.BlockRows + 1);
        var (scorer, plain) = (model.CreateScorer(), model.CreateScorer());
        var (one, raw) = (new double[6], new double[ForestScorer.BlockRows + 1]);
        scorer.Score(rows, raw, new double[raw.Length], keepLeaves: true);
        plain.Score(rows.AsSpan(0, 6), raw.AsSpan(0, 1), new double[1]);
        Assert.Throws<InvalidOperationException>(() => scorer.ContributionsOfScored(0, rows.AsSpan(0, 6), one, out _));
        Assert.Throws<InvalidOperationException>(() => plain.ContributionsOfScored(0, rows.AsSpan(0, 6), one, out _));
    }

    [Fact]
    public void Shapley_values_equal_their_definition()
    {
        const int seed = 31;
        const int features = 5;
        var models = new RandomModels(seed);
        for (var round = 0; round < 10; round++)
        {
            var model = models.Next(features, 3, 6, chained: false);
            var scorer = model.CreateScorer();
            var rows = models.Rows(model, 10);
            var contributions = new double[features];
            for (var row = 0; row < 10; row++)
            {
                var one = rows.AsSpan(row * features, features).ToArray();
                scorer.ShapleyValues(one, contributions, out _);
                for (var feature = 0; feature < features; feature++)
                {
                    var expected = ByDefinition(model, one, feature);
                    AssertNear(expected, contributions[feature], $"seed {seed}, round {round}, row {row}");
                }
            }
        }
    }

    [Fact]
    public void A_path_contribution_is_the_change_of_the_mean_output()
    {
        // visits <= 2 ? 0.2 : (minutes <= 5 ? 0.4 : 0.9), covers 50, 30, 20: means 0.40 at the root, 0.60 on the right.
        var builder = new TreeBuilder();
        var root = builder.AddThresholdSplit(0, 2, false, 0);
        builder.AddLeaf(0.2, 50);
        builder.BeginRight(root);
        var inner = builder.AddThresholdSplit(1, 5, false, 0);
        builder.AddLeaf(0.4, 30);
        builder.BeginRight(inner);
        builder.AddLeaf(0.9, 20);
        var leads = new SyntheticLeads(1, 100);
        var model = new ForestModel(
            "by hand", leads.Schema,
            [new ForestMember { Algorithm = "x", Output = MemberOutput.MeanOfLeaves, Trees = [builder.Build(new int[5])] }],
            Calibration.Identity, ForestModel.DefaultBucketEdges, leads.TrainForest(1).Baseline);
        var contributions = new double[5];
        model.CreateScorer().Contributions([3, 9, 0, 0, 0], contributions, out var baseline);
        Assert.Equal(0.40, baseline, 12);
        Assert.Equal(0.20, contributions[0], 12);
        Assert.Equal(0.30, contributions[1], 12);
    }

    [Fact]
    public void Reasons_allocate_nothing_after_the_first_row()
    {
        var leads = new SyntheticLeads(5, 500);
        var scorer = leads.TrainForest().CreateScorer();
        var contributions = new double[leads.Schema.Count];
        var row = leads.Rows.AsSpan(0, leads.Schema.Count);
        scorer.Contributions(row, contributions, out _);
        scorer.ShapleyValues(row, contributions, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        scorer.Contributions(row, contributions, out _);
        scorer.ShapleyValues(row, contributions, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // Sum over coalitions S without the feature: |S|!(n-|S|-1)!/n! times what the feature adds to S.
    private static double ByDefinition(ForestModel model, double[] row, int feature)
    {
        var count = row.Length;
        var value = 0.0;
        for (var coalition = 0; coalition < 1 << count; coalition++)
        {
            if ((coalition >> feature & 1) != 0)
                continue;
            var size = System.Numerics.BitOperations.PopCount((uint)coalition);
            var weight = Factorial(size) * Factorial(count - size - 1) / Factorial(count);
            value += weight * (Expected(model, row, coalition | 1 << feature) - Expected(model, row, coalition));
        }

        return value;
    }

    private static double Expected(ForestModel model, double[] row, int coalition)
    {
        var member = model.Members[0];
        return member.Finish(member.Trees.Sum(tree => Expected(tree, 0, row, coalition)));
    }

    private static double Expected(DecisionTree tree, int node, double[] row, int coalition)
    {
        var feature = tree.Feature[node];
        if (feature < 0)
            return tree.Value[node];
        var (left, right) = (node + 1, tree.Right[node]);
        if ((coalition >> feature & 1) != 0)
            return Expected(tree, tree.GoesLeft(node, row[feature]) ? left : right, row, coalition);
        return ((Expected(tree, left, row, coalition) * tree.Cover[left])
            + (Expected(tree, right, row, coalition) * tree.Cover[right])) / tree.Cover[node];
    }

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);

    private static void AssertNear(double expected, double actual, string what) =>
        Assert.True(
            Math.Abs(expected - actual) <= 1e-9 * Math.Max(1, Math.Abs(expected)),
            $"{what}: {actual:R}, expected {expected:R}");
}
