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

    [Fact]
    public void A_leak_is_told_with_its_figure_and_other_features_are_not()
    {
        FeatureImportance[] importance = [new("A", 0.2, 0.1, 0.96), new("B", 0.5, 0.2, 0.90), new("C", 0.3, 0.1, 0.7)];
        Assert.Equal(["`A` alone reaches an AUC of 0.960.", "`B` dwarfs the rest: 50 % of the gain, an AUC of 0.900 alone."],
            LeakageCheck.Warnings(importance).Select(warning => warning.Split(" Is it known")[0]));
    }
}
