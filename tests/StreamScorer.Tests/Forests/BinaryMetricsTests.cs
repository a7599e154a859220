using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class BinaryMetricsTests
{
    // Checked by hand: pairs (positive, negative) ordered right count 1, ties one half.
    [Fact]
    public void Small_case_by_hand()
    {
        var metrics = BinaryMetrics.Compute([0.9, 0.8, 0.5, 0.5, 0.1], [true, false, true, false, false]);
        Assert.Equal((3 + 1 + 0.5) / 6, metrics.AucRoc, 12);
        Assert.Equal((1.0 + (2.0 / 4)) / 2, metrics.AucPr, 12);
        Assert.Equal(new ConfusionMatrix(1, 1, 2, 1), metrics.Confusion);
        Assert.Equal(0.6, metrics.Accuracy, 12);
        Assert.Equal(0.5, metrics.Precision, 12);
        Assert.Equal(0.5, metrics.Recall, 12);
        Assert.Equal(0.5, metrics.F1, 12);
        Assert.Equal((0.01 + 0.64 + 0.25 + 0.25 + 0.01) / 5, metrics.Brier, 12);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.2) + (2 * Math.Log(0.5)) + Math.Log(0.9)) / 5, metrics.LogLoss, 12);
        Assert.Equal(0.4, metrics.HotCoverage, 12);
        Assert.Equal(0.5, metrics.HotPrecision, 12);
    }

    [Fact]
    public void Exactly_on_a_threshold_is_negative()
    {
        var metrics = BinaryMetrics.Compute([0.5, 0.7], [true, true]);
        Assert.Equal(1, metrics.Confusion.TruePositives);
        Assert.Equal(0, metrics.HotCoverage);
    }

    [Fact]
    public void One_class_and_certain_probabilities_stay_finite()
    {
        var metrics = BinaryMetrics.Compute([1, 0], [false, false]);
        Assert.Equal(0.5, metrics.AucRoc);
        Assert.Equal(0, metrics.AucPr);
        Assert.True(double.IsFinite(metrics.LogLoss));
        Assert.Equal(0, metrics.F1);
    }

    [Fact]
    public void Auc_equals_the_count_over_all_pairs()
    {
        const int seed = 11;
        var random = new Random(seed);
        var probability = Enumerable.Range(0, 300).Select(_ => random.Next(40) / 40.0).ToArray();
        var labels = probability.Select(p => random.NextDouble() < p).ToArray();
        var (wins, pairs) = (0.0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            for (var j = 0; j < labels.Length; j++)
            {
                if (!labels[i] || labels[j])
                    continue;
                pairs++;
                wins += probability[i] > probability[j] ? 1 : probability[i] == probability[j] ? 0.5 : 0;
            }
        }

        Assert.Equal(wins / pairs, BinaryMetrics.Compute(probability, labels).AucRoc, 12);
    }

    [Fact]
    public void Calibration_table_covers_all_rows()
    {
        var metrics = BinaryMetrics.Compute([0, 0.05, 0.95, 1], [false, true, true, true]);
        Assert.Equal(10, metrics.Calibration.Count);
        Assert.Equal(2, metrics.Calibration[0].Rows);
        Assert.Equal(0.5, metrics.Calibration[0].ObservedRate);
        Assert.Equal(2, metrics.Calibration[9].Rows);
        Assert.Equal(((0.475 * 2) + (0.025 * 2)) / 4, metrics.CalibrationError, 12);
    }
}
