using StreamScorer.Forests;
using StreamScorer.Training.Learning;

namespace StreamScorer.Training.Charts;

/// <summary>A picture in a model folder.</summary>
/// <param name="File">File name.</param>
/// <param name="Caption">What it shows, in a sentence.</param>
/// <param name="Svg">The picture.</param>
public sealed record ModelChart(string File, string Caption, string Svg);

/// <summary>The pictures that go with a model card.</summary>
internal static class ModelCharts
{
    private const int MostBars = 30;

    public static ModelChart Roc(IReadOnlyList<RocPoint> curve, double auc)
    {
        var chart = new SvgChart(FormattableString.Invariant($"ROC curve, AUC {auc:F3}"),
            new ChartAxis("others taken for converting (false positive rate)", 0, 1),
            new ChartAxis("converting leads found (true positive rate)", 0, 1));
        chart.Diagonal().Line(
            [.. curve.Select(point => new ChartPoint(point.FalsePositiveRate, point.TruePositiveRate))], Svg.Blue);
        return new ModelChart(
            "roc.svg", "Every threshold at once: how many converting leads are found for how many false alarms.",
            chart.ToString());
    }

    public static ModelChart Calibration(BinaryMetrics metrics)
    {
        var chart = new SvgChart("Calibration", new ChartAxis("predicted probability", 0, 1), new ChartAxis("came true", 0, 1));
        var points = metrics.Calibration.Where(bin => bin.Rows > 0)
            .Select(bin => new ChartPoint(bin.MeanProbability, bin.ObservedRate)).ToArray();
        chart.Diagonal().Line(points, Svg.Blue, dots: true);
        return new ModelChart("calibration.svg", "On the dashed line, probabilities mean what they say.", chart.ToString());
    }

    /// <param name="curve">At least two points.</param>
    public static ModelChart Learning(IReadOnlyList<LearningCurvePoint> curve)
    {
        var low = Math.Floor(20 * curve.Min(point => Math.Min(point.TrainingAuc, point.ValidationAuc))) / 20;
        var chart = new SvgChart("Learning curve", new ChartAxis("training rows", 0, curve[^1].Rows),
            new ChartAxis("AUC-ROC", Math.Min(low, 0.95), 1));
        chart.Line(
                [.. curve.Select(point => new ChartPoint(point.Rows, point.ValidationAuc))],
                Svg.Blue, "validation rows", dots: true)
            .Line(
                [.. curve.Select(point => new ChartPoint(point.Rows, point.TrainingAuc))],
                Svg.Orange, "its own training rows", dots: true);
        return new ModelChart("learning_curve.svg",
            "Where the blue line still rises at its right end, more rows would make a better model.", chart.ToString());
    }

    public static ModelChart Importance(IReadOnlyList<FeatureImportance> importance)
    {
        var bars = importance.Take(MostBars).Select(feature => (feature.Feature, feature.PermutationDrop)).ToArray();
        return new ModelChart("importance.svg", "How far the AUC falls when one feature's values are shuffled.",
            SvgBarChart.Draw("Permutation importance: drop of AUC-ROC", bars));
    }
}
