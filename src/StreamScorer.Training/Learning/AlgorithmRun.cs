using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>Hands training rows to the trainer an algorithm stands for.</summary>
internal static class AlgorithmRun
{
    public static ForestModel Train(
        Algorithm algorithm, string modelName, LearningRows rows, AlgorithmSettings settings, long seed,
        IProgress<double>? progress = null, CancellationToken cancellation = default) => algorithm switch
        {
            Algorithm.RandomForest => RandomForestTrainer.Train(
                modelName, rows.Schema, rows.Values, rows.Labels, Forest(settings, seed), progress, cancellation),
            Algorithm.GradientBoosting => GradientBoostingTrainer.Train(
                modelName, rows.Schema, rows.Values, rows.Labels, Boosting(settings, seed, new()), progress, cancellation),
            Algorithm.Ensemble => EnsembleTrainer.Train(
                modelName, rows.Schema, rows.Values, rows.Labels, Both(settings, seed), progress, cancellation),
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

    private static EnsembleOptions Both(AlgorithmSettings settings, long seed) => new()
    {
        Forest = Forest(settings, seed),
        Boosting = Boosting(settings, seed, new EnsembleOptions().Boosting),
    };

    private static GradientBoostingOptions Boosting(AlgorithmSettings settings, long seed, GradientBoostingOptions defaults)
        => defaults with
        {
            Trees = settings.Trees ?? defaults.Trees,
            MaxDepth = settings.MaxDepth ?? defaults.MaxDepth,
            LearningRate = settings.LearningRate ?? defaults.LearningRate,
            L2 = settings.L2 ?? defaults.L2,
            MinChildWeight = settings.MinChildWeight ?? defaults.MinChildWeight,
            RowSample = settings.RowSample ?? defaults.RowSample,
            ColumnSample = settings.ColumnSample ?? defaults.ColumnSample,
            Bags = settings.Bags ?? defaults.Bags,
            EarlyStoppingTrees = settings.EarlyStoppingTrees ?? defaults.EarlyStoppingTrees,
            PositiveWeight = settings.PositiveWeight ?? defaults.PositiveWeight,
            MonotoneConstraints = settings.Monotone,
            Threads = settings.Threads ?? defaults.Threads,
            Calibration = settings.Calibration ?? defaults.Calibration,
            Seed = unchecked((ulong)seed),
        };
}
