using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>How a model is learned.</summary>
public enum Algorithm
{
    RandomForest,
}

/// <summary>Settings a person may give; null takes the algorithm's default.</summary>
public sealed record AlgorithmSettings
{
    public int? Trees { get; init; }

    /// <summary>Most splits from root to leaf.</summary>
    public int? MaxDepth { get; init; }

    public int? MinLeafRows { get; init; }

    /// <summary>Features tried at each split; 0 for the square root of their number.</summary>
    public int? FeaturesPerSplit { get; init; }

    /// <summary>How much a positive row counts against a negative one.</summary>
    public double? PositiveWeight { get; init; }

    public int? Threads { get; init; }

    public CalibrationKind? Calibration { get; init; }
}
