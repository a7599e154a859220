namespace StreamScorer.Forests;

/// <summary>Settings of <see cref="EnsembleTrainer"/>.</summary>
public sealed record EnsembleOptions
{
    public RandomForestOptions Forest { get; init; } = new();

    public GradientBoostingOptions Boosting { get; init; } = new() { Bags = 4 };
}

/// <summary>
/// Averages the calibrated probabilities of a random forest and of gradient boosting. The weight is the one with the least
/// log loss on predictions for rows that neither had seen, out of fold for both.
/// </summary>
public static class EnsembleTrainer
{
    private const int WeightSteps = 20;

    // Of the whole work, for the progress bar: the forest and those of its folds are the quicker part.
    private const double ForestOwnShare = 0.05;
    private const double ForestShare = 0.25;

    /// <inheritdoc cref="RandomForestTrainer.Train"/>
    public static ForestModel Train(
        string modelName, FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels,
        EnsembleOptions options, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (forest, _, _) = RandomForestTrainer.TrainMember(
            schema, rows, labels, options.Forest, PartOf(progress, 0, ForestOwnShare), ct);
        var forestRaw = RandomForestTrainer.OutOfFold(
            schema, rows, labels, options.Forest, options.Boosting.Folds, PartOf(progress, ForestOwnShare, ForestShare), ct);
        var (boosting, boostingRaw) = GradientBoostingTrainer.TrainMember(
            schema, rows, labels, options.Boosting, PartOf(progress, ForestShare, 1), ct);

        var known = labels.ToArray();
        var (forestCalibration, forestProbability) = Calibrate(
            options.Forest.Calibration, forestRaw, known, CalibrationInput.Probability);
        var (boostingCalibration, boostingProbability) = Calibrate(
            options.Boosting.Calibration, boostingRaw, known, CalibrationInput.LogOdds);
        var weight = BestWeight(forestProbability, boostingProbability, known);
        var mixed = Mix(weight, forestProbability, boostingProbability);
        var (calibration, probability) = Calibrate(CalibrationKind.Platt, mixed, known, CalibrationInput.Probability);
        ForestMember[] members =
        [
            forest.With(weight, forestCalibration),
            boosting.With(1 - weight, boostingCalibration),
        ];
        var baseline = TrainingBaseline.Build(schema, rows.Span, labels.Span, probability);
        return new ForestModel(modelName, schema, members, calibration, options.Forest.BucketEdges, baseline);
    }

    private static (Calibration Calibration, double[] Probability) Calibrate(
        CalibrationKind kind, double[] raw, bool[] labels, CalibrationInput input)
    {
        var calibration = Calibration.Fit(kind, raw, labels, input);
        return (calibration, Array.ConvertAll(raw, calibration.Apply));
    }

    private static double BestWeight(double[] forest, double[] boosting, bool[] labels)
    {
        var (best, bestLoss) = (0.0, double.PositiveInfinity);
        for (var step = 0; step <= WeightSteps; step++)
        {
            var weight = (double)step / WeightSteps;
            var loss = BinaryMetrics.MeanLogLoss(Mix(weight, forest, boosting), labels);
            if (loss < bestLoss)
                (best, bestLoss) = (weight, loss);
        }

        return best;
    }

    private static double[] Mix(double weight, double[] forest, double[] boosting)
    {
        var mixed = new double[forest.Length];
        for (var i = 0; i < mixed.Length; i++)
            mixed[i] = (weight * forest[i]) + ((1 - weight) * boosting[i]);
        return mixed;
    }

    private static PartialProgress? PartOf(IProgress<double>? whole, double from, double to) =>
        whole is null ? null : new PartialProgress(whole, from, to);

    private sealed class PartialProgress(IProgress<double> whole, double from, double to) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + ((to - from) * value));
    }
}
