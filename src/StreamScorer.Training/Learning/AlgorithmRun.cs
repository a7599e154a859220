using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>Hands training rows to the trainer an algorithm stands for.</summary>
internal static class AlgorithmRun
{
    /// <summary>The algorithm's name on the command line and in model files.</summary>
    public static string NameOf(Algorithm algorithm) => algorithm switch
    {
        Algorithm.RandomForest => RandomForestTrainer.AlgorithmName,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    public static ForestModel Train(
        Algorithm algorithm, string modelName, LearningRows rows, AlgorithmSettings settings, long seed,
        IProgress<double>? progress = null, CancellationToken cancellation = default) => algorithm switch
        {
            Algorithm.RandomForest => RandomForestTrainer.Train(
                modelName, rows.Schema, rows.Values, rows.Labels, Forest(settings, seed), progress, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };

    private static RandomForestOptions Forest(AlgorithmSettings settings, long seed)
    {
        var defaults = new RandomForestOptions();
        return defaults with
        {
            Trees = settings.Trees ?? defaults.Trees,
            MaxDepth = settings.MaxDepth ?? defaults.MaxDepth,
            MinLeafRows = settings.MinLeafRows ?? defaults.MinLeafRows,
            FeaturesPerSplit = settings.FeaturesPerSplit ?? defaults.FeaturesPerSplit,
            PositiveWeight = settings.PositiveWeight ?? defaults.PositiveWeight,
            Threads = settings.Threads ?? defaults.Threads,
            Calibration = settings.Calibration ?? defaults.Calibration,
            Seed = unchecked((ulong)seed),
        };
    }
}

/// <summary>Encoded rows with labels.</summary>
/// <param name="Schema">Fitted schema.</param>
/// <param name="Values">Row-major feature rows.</param>
/// <param name="Labels">One per row.</param>
internal sealed record LearningRows(FeatureSchema Schema, double[] Values, bool[] Labels)
{
    public int Count => Labels.Length;

    /// <summary>Calibrated probabilities of these rows.</summary>
    public double[] Score(ForestModel model)
    {
        var raw = new double[Count];
        var probability = new double[Count];
        model.CreateScorer().Score(Values, raw, probability);
        return probability;
    }
}
