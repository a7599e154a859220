using StreamScorer.Forests;
using StreamScorer.Training.Generation;

namespace StreamScorer.Training.Learning;

/// <summary>What a model trained on part of the rows reaches.</summary>
/// <param name="Rows">Training rows.</param>
/// <param name="TrainingAuc">AUC-ROC on these rows: far above the other where a model learns by heart.</param>
/// <param name="ValidationAuc">AUC-ROC on the validation rows.</param>
public sealed record LearningCurvePoint(int Rows, double TrainingAuc, double ValidationAuc);

/// <summary>Would more rows help? Models on growing parts of the training rows, measured on the same validation rows.</summary>
internal static class LearningCurve
{
    /// <summary>Beyond, the curve would cost more than the model.</summary>
    public const int MostRows = 50_000;

    private const int FewestRows = 50;

    /// <summary>Keeps the draw's random sequence apart from those that other parts draw from the same seed.</summary>
    private const long Stream = 0xC08E;

    private static readonly double[] Shares = [0.1, 0.2, 0.4, 0.7];

    /// <param name="model">The model trained on all training rows: the last point.</param>
    /// <param name="train">Trains a model on some rows.</param>
    /// <returns>Empty when there are too many rows or too few.</returns>
    public static IReadOnlyList<LearningCurvePoint> Of(
        ForestModel model, LearningRows training, LearningRows validation, long seed, Func<LearningRows, ForestModel> train,
        IProgress<double>? progress = null)
    {
        if (training.Count > MostRows || training.Count * Shares[0] < FewestRows) return [];
        var order = Enumerable.Range(0, training.Count).ToArray();
        new SeededRandom(seed, Stream).Shuffle<int>(order);
        var points = new List<LearningCurvePoint>();
        foreach (var share in Shares)
        {
            var part = training.Take(order.AsSpan(0, (int)(training.Count * share)));
            if (part.Labels.Distinct().Count() == 2) points.Add(Measure(train(part), part, validation));
            progress?.Report(share);
        }

        points.Add(Measure(model, training, validation));
        progress?.Report(1);
        return points;
    }

    private static LearningCurvePoint Measure(ForestModel model, LearningRows training, LearningRows validation) => new(
        training.Count, BinaryMetrics.Compute(training.Score(model), training.Labels).AucRoc,
        BinaryMetrics.Compute(validation.Score(model), validation.Labels).AucRoc);
}
