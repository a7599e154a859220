namespace StreamScorer.Forests;

/// <summary>Which way a feature may move the score. The numbers are only used in memory.</summary>
public enum Monotone
{
    None = 0,
    Increasing = 1,
    Decreasing = -1,
}

/// <summary>
/// Settings of <see cref="GradientBoostingTrainer"/>; the defaults were chosen by cross-validation on training rows alone.
/// </summary>
public sealed record GradientBoostingOptions
{
    /// <summary>Most trees, 1 to 20,000; early stopping decides how many of them are kept.</summary>
    public int Trees { get; init; } = 1000;

    /// <summary>
    /// Most splits on a path, 1 to 16; 0 takes 4, and 6 or 8 (at twice the learning rate) where rows kept aside are
    /// predicted better by more than chance.
    /// </summary>
    public int MaxDepth { get; init; }

    /// <summary>Factor of every leaf's step (shrinkage), above 0 and at most 1.</summary>
    public double LearningRate { get; init; } = 0.04;

    /// <summary>L2 penalty on leaf outputs, 0 or more.</summary>
    public double L2 { get; init; } = 3;

    /// <summary>Least gain a split must bring, 0 or more.</summary>
    public double MinGain { get; init; }

    /// <summary>Least sum of second derivatives p(1-p) in a leaf, 0 or more.</summary>
    public double MinChildWeight { get; init; } = 1;

    /// <summary>Share of the rows each tree is grown on, above 0 and at most 1.</summary>
    public double RowSample { get; init; } = 0.7;

    /// <summary>Share of the features each tree may use, above 0 and at most 1.</summary>
    public double ColumnSample { get; init; } = 0.5;

    /// <summary>
    /// Cross-validation folds that choose the number of trees and give the out-of-fold scores that calibration is fitted
    /// on; 2 to 20.
    /// </summary>
    public int Folds { get; init; } = 5;

    /// <summary>A fold stops when its log loss has not improved for this many trees; at least 1.</summary>
    public int EarlyStoppingTrees { get; init; } = 40;

    /// <summary>
    /// Models trained on all rows with different samples and averaged, 1 to 20. More of them steady the scores and cost
    /// training and scoring time in proportion.
    /// </summary>
    public int Bags { get; init; } = 1;

    /// <summary>How much a positive row counts against a negative one; above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <summary>Constraints by feature name; numeric, boolean and timestamp features only.</summary>
    public IReadOnlyDictionary<string, Monotone> MonotoneConstraints { get; init; } = new Dictionary<string, Monotone>();

    /// <summary>The same seed, data and options give the same model file, bit for bit.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Folds trained, or features summed, at the same time; does not change the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How log-odds become probabilities, fitted on out-of-fold scores.</summary>
    public CalibrationKind Calibration { get; init; } = CalibrationKind.Platt;

    /// <summary>Inner edges of the buckets 1…5 of the probability, left-closed.</summary>
    public IReadOnlyList<double> BucketEdges { get; init; } = ForestModel.DefaultBucketEdges;

    internal void Check(FeatureSchema schema)
    {
        Require(Trees is >= 1 and <= 20_000, nameof(Trees), Trees, "1 to 20,000");
        Require(MaxDepth is >= 0 and <= 16, nameof(MaxDepth), MaxDepth, "1 to 16, or 0 (chosen)");
        Require(LearningRate is > 0 and <= 1, nameof(LearningRate), LearningRate, "above 0, at most 1");
        Require(L2 >= 0 && double.IsFinite(L2), nameof(L2), L2, "0 or more");
        Require(MinGain >= 0 && double.IsFinite(MinGain), nameof(MinGain), MinGain, "0 or more");
        Require(MinChildWeight >= 0 && double.IsFinite(MinChildWeight), nameof(MinChildWeight), MinChildWeight, "0 or more");
        Require(RowSample is > 0 and <= 1, nameof(RowSample), RowSample, "above 0, at most 1");
        Require(ColumnSample is > 0 and <= 1, nameof(ColumnSample), ColumnSample, "above 0, at most 1");
        Require(Folds is >= 2 and <= 20, nameof(Folds), Folds, "2 to 20");
        Require(EarlyStoppingTrees >= 1, nameof(EarlyStoppingTrees), EarlyStoppingTrees, "at least 1");
        Require(Bags is >= 1 and <= 20, nameof(Bags), Bags, "1 to 20");
        Require(PositiveWeight > 0 && double.IsFinite(PositiveWeight), nameof(PositiveWeight), PositiveWeight, "above 0");
        Require(Threads >= 1, nameof(Threads), Threads, "at least 1");
        foreach (var name in MonotoneConstraints.Keys)
        {
            var feature = schema.Features.FirstOrDefault(candidate => candidate.Name == name);
            if (feature is null || feature.Kind == FeatureKind.Categorical)
                throw new ForestException($"Monotone constraint on '{name}': there is no such feature with ordered values.");
        }
    }

    private static void Require(bool holds, string setting, double value, string range)
    {
        if (!holds)
        {
            throw new ForestException(
                FormattableString.Invariant($"Gradient boosting setting {setting} is {value}; allowed: {range}."));
        }
    }
}
