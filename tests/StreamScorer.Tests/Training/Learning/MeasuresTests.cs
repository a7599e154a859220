using StreamScorer.Forests;
using StreamScorer.Training.Learning;
using Xunit;

namespace StreamScorer.Tests.Training.Learning;

public sealed class MeasuresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_roc_curve_rises_from_corner_to_corner_and_ties_are_one_step()
    {
        double[] probability = [0.9, 0.8, 0.8, 0.3, 0.1];
        bool[] labels = [true, true, false, true, false];
        RocPoint[] expected = [new(0, 0), new(0, 1.0 / 3), new(0.5, 2.0 / 3), new(0.5, 1), new(1, 1)];
        Assert.Equal(expected, RocCurve.Of(probability, labels));
    }

    [Fact]
    public void A_long_roc_curve_is_thinned_out_and_keeps_its_ends()
    {
        var probability = Enumerable.Range(0, 5000).Select(i => i / 5000.0).ToArray();
        var curve = RocCurve.Of(probability, Array.ConvertAll(probability, p => p > 0.5), most: 50);
        Assert.Equal((50, new RocPoint(0, 0), new RocPoint(1, 1)), (curve.Count, curve[0], curve[^1]));
    }

    [Fact]
    public void Importance_ranks_what_the_rule_uses_over_noise()
    {
        var table = LearningTables.Read(_folder, 2000);
        var split = table.Split(SplitKind.Random, 1);
        var (training, validation) = table.Encode(split.Training, split.Validation);
        var model = AlgorithmRun.Train(Algorithm.RandomForest, "m", training, LearningTables.SmallForest, 1);
        var importance = ImportanceMeasure.Of(model, training, validation, 1);
        Assert.Equal("Noise", importance[^1].Feature);
        Assert.InRange(importance[^1].AucDrop, -0.02, 0.02);
        Assert.True(importance[0].AucDrop > 0.1 && importance[1].AucDrop > 0.05);
        Assert.Equal(1, importance.Sum(feature => feature.Gain), 9);
        Assert.True(importance[^1].Gain < importance[1].Gain);
        Assert.InRange(importance[^1].AloneAuc, 0.4, 0.6);
    }

    [Fact]
    public void A_single_feature_is_judged_whatever_the_shape_of_its_effect()
    {
        // Only the middle third is positive: no threshold alone could tell.
        var rows = string.Concat(Enumerable.Range(0, 900).Select(i => $"A{i},{i % 90},x,0,{(i % 90 is >= 30 and < 60 ? "yes" : "no")}\n"));
        var table = LearningTables.Read(_folder, 0, "Account,Age,Job title,Noise,Bought?\n" + rows);
        var split = table.Split(SplitKind.Random, 1);
        var (training, validation) = table.Encode(split.Training, split.Validation);
        var feature = training.Schema.Features.Single(candidate => candidate.Name == "Age");
        Assert.True(SingleFeature.Auc(training, validation, feature) > 0.97);
    }

    [Fact]
    public void The_learning_curve_ends_with_the_model_itself()
    {
        var table = LearningTables.Read(_folder, 1000);
        var split = table.Split(SplitKind.Random, 1);
        var (training, validation) = table.Encode(split.Training, split.Validation);
        var model = Train(training);
        var curve = LearningCurve.Of(model, training, validation, 1, Train);
        Assert.Equal([80, 160, 320, 560, 800], curve.Select(point => point.Rows));
        Assert.Equal(BinaryMetrics.Compute(validation.Score(model), validation.Labels).AucRoc, curve[^1].ValidationAuc);
        Assert.Empty(LearningCurve.Of(model, training.AtMost(100), validation, 1, Train));

        static ForestModel Train(LearningRows rows)
            => AlgorithmRun.Train(Algorithm.RandomForest, "m", rows, LearningTables.SmallForest, 1);
    }

    [Theory]
    [InlineData(0.96, 0.01, 0.01, "alone reaches")]
    [InlineData(0.90, 0.20, 0.03, "leans on")]
    [InlineData(0.90, 0.20, 0.05, null)]
    [InlineData(0.90, 0.02, 0.00, null)]
    public void Leakage_is_a_feature_that_decides_alone_or_dwarfs_the_rest(double alone, double drop, double next, string? part)
    {
        var warnings = LeakageCheck.Warnings([new("A", 0.5, drop, alone), new("B", 0.5, next, 0.6)]);
        if (part is null) Assert.Empty(warnings);
        else Assert.Contains(part, Assert.Single(warnings), StringComparison.Ordinal);
    }
}
