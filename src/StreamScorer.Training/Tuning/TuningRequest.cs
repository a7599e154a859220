using StreamScorer.Training.Learning;

namespace StreamScorer.Training.Tuning;

/// <summary>What makes one trial better than another.</summary>
public enum TuningGoal
{
    /// <summary>Lowest mean log loss: good ranking and honest probabilities.</summary>
    LogLoss,

    /// <summary>Highest mean AUC-ROC: good ranking alone.</summary>
    AucRoc,
}

/// <summary>What <c>tune</c> is asked to do.</summary>
public sealed record TuningRequest
{
    public const int DefaultTrials = 20;
    public const int DefaultFolds = 5;

    /// <summary>Data, columns, algorithm and output. Settings given here stay as they are in every trial.</summary>
    public required TrainingRequest Training { get; init; }

    /// <summary>Trials of a random search, the defaults among them; at least 1. A grid has as many as it has cells.</summary>
    public int Trials { get; init; } = DefaultTrials;

    /// <summary>Cross-validation folds of each trial, 2 to 20.</summary>
    public int Folds { get; init; } = DefaultFolds;

    public TuningGoal Goal { get; init; } = TuningGoal.LogLoss;

    /// <summary>Values to combine, by setting; empty for a random search.</summary>
    public IReadOnlyList<GridAxis> Grid { get; init; } = [];
}

/// <summary>A setting and the values a grid search tries for it.</summary>
public sealed record GridAxis(AlgorithmSetting Setting, IReadOnlyList<double> Values);
