namespace StreamScorer.Forests;

/// <summary>
/// Gradient boosting of trees on the logistic loss (Friedman 2001, with the second-order steps of XGBoost). Cross-validation
/// chooses depth and number of trees and gives the out-of-fold scores for calibration; the model is then trained on all rows.
/// </summary>
public static class GradientBoostingTrainer
{
    public const string AlgorithmName = "gradient-boosting";

    /// <param name="modelName">Name stored in the model.</param>
    /// <param name="schema">The features, in row order.</param>
    /// <param name="rows">Feature rows, row-major, <c>labels.Length * schema.Count</c> long.</param>
    /// <param name="labels">True = positive; each class must occur at least as often as there are folds.</param>
    /// <param name="options">Settings; the thread count does not change the result.</param>
    /// <param name="progress">Gets the share of work done, 0 to 1.</param>
    /// <param name="ct">Cancels between trees.</param>
    /// <exception cref="ForestException">Shapes do not match, a class is too small, or a setting is out of range.</exception>
    public static ForestModel Train(
        string modelName, FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels,
        GradientBoostingOptions options, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        var (member, outOfFold) = TrainMember(schema, rows, labels, options, progress, ct);
        var calibration = Calibration.Fit(options.Calibration, outOfFold, labels.Span, CalibrationInput.LogOdds);
        var probability = Array.ConvertAll(outOfFold, calibration.Apply);
        var baseline = TrainingBaseline.Build(schema, rows.Span, labels.Span, probability);
        return new ForestModel(modelName, schema, [member], calibration, options.BucketEdges, baseline);
    }

    /// <summary>The trained trees, and the log-odds that cross-validation gave each row.</summary>
    internal static (ForestMember Member, double[] OutOfFold) TrainMember(
        FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, GradientBoostingOptions options,
        IProgress<double>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check(schema);
        TrainingShape.Check(schema, rows.Span, labels.Span);
        var folds = new BoostingFolds(schema, rows, labels, options);
        var (chosen, trees, outOfFold) = folds.Run(progress, ct);
        var table = BinnedTable.Fit(schema, rows, labels, learn: null, options.Threads, ct);
        var (grown, baseScore) = TrainBags(table, schema, labels.ToArray(), trees, chosen, ct);
        progress?.Report(1);
        var member = new ForestMember
        {
            Algorithm = AlgorithmName,
            Output = MemberOutput.SumOfLeaves,
            BaseScore = baseScore,
            Trees = grown,
        };
        return (member, outOfFold);
    }

    private static (DecisionTree[] Trees, double BaseScore) TrainBags(
        BinnedTable table, FeatureSchema schema, bool[] labels, int trees, GradientBoostingOptions options, CancellationToken ct)
    {
        var all = Enumerable.Range(0, labels.Length).ToArray();
        var grown = new DecisionTree[options.Bags * trees];
        var baseScore = 0.0;
        var inside = options.Bags > 1 ? 1 : options.Threads;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = ct };
        Parallel.For(0, options.Bags, parallel, bag =>
        {
            // Far from the folds' seeds, which count from 0.
            var seed = SplitMix.Derive(options.Seed, (ulong)(1000 + bag));
            var run = new BoostingRun(table, schema, labels, all, [], options, seed, inside);
            for (var tree = 0; tree < trees; tree++)
            {
                ct.ThrowIfCancellationRequested();
                grown[(bag * trees) + tree] = run.Step().Scaled(1.0 / options.Bags);
            }

            // The same for every bag: it depends on the labels alone.
            Volatile.Write(ref baseScore, run.BaseScore);
        });
        return (grown, baseScore);
    }
}
