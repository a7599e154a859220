using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>How a model is learned.</summary>
public enum Algorithm
{
    RandomForest,
    GradientBoosting,

    /// <summary>Forest and boosting averaged.</summary>
    Ensemble,
}

/// <summary>Settings a person may give; null takes the algorithm's default. Ranges: <see cref="AlgorithmSetting.All"/>.</summary>
public sealed record AlgorithmSettings
{
    /// <summary>Trees of a forest; most trees of boosting.</summary>
    public int? Trees { get; init; }

    /// <summary>Most splits from root to leaf.</summary>
    public int? MaxDepth { get; init; }

    public int? MinLeafRows { get; init; }

    /// <summary>Features tried at each split; 0 for the square root of their number.</summary>
    public int? FeaturesPerSplit { get; init; }

    /// <summary>How much a positive row counts against a negative one.</summary>
    public double? PositiveWeight { get; init; }

    public double? LearningRate { get; init; }

    public double? L2 { get; init; }

    public double? MinChildWeight { get; init; }

    /// <summary>Share of the rows each tree is grown on.</summary>
    public double? RowSample { get; init; }

    /// <summary>Share of the features each tree may use.</summary>
    public double? ColumnSample { get; init; }

    public int? EarlyStoppingTrees { get; init; }

    /// <summary>Runs of boosting with other seeds that are averaged.</summary>
    public int? Bags { get; init; }

    public int? Threads { get; init; }

    public CalibrationKind? Calibration { get; init; }

    /// <summary>Features that may only raise (or only lower) the score, by name; boosting only.</summary>
    public IReadOnlyDictionary<string, Monotone> Monotone { get; init; } = new Dictionary<string, Monotone>();
}
