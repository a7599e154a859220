namespace StreamScorer.Forests;

/// <summary>Settings of <see cref="RandomForestTrainer"/>; the defaults are the reference pipeline's.</summary>
public sealed record RandomForestOptions
{
    /// <summary>1 to 10,000.</summary>
    public int Trees { get; init; } = 100;

    /// <summary>Most splits on a path, 1 to 32.</summary>
    public int MaxDepth { get; init; } = 10;

    /// <summary>
    /// Fewest bootstrapped rows in a leaf, at least 1. Two ranks better than one on the reference data and halves the
    /// trees.
    /// </summary>
    public int MinLeafRows { get; init; } = 2;

    /// <summary>Features drawn at random for each split; 0 takes the square root of their number.</summary>
    public int FeaturesPerSplit { get; init; }

    /// <summary>How much a positive row counts against a negative one; above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <summary>The same seed, data and options give the same model file, bit for bit.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Trees grown at the same time; does not change the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How raw scores become probabilities, fitted on rows each tree has not seen.</summary>
    public CalibrationKind Calibration { get; init; } = CalibrationKind.Platt;

    /// <summary>Inner edges of the buckets 1…5 of the probability, left-closed.</summary>
    public IReadOnlyList<double> BucketEdges { get; init; } = ForestModel.DefaultBucketEdges;

    internal void Check()
    {
        Require(Trees is >= 1 and <= 10_000, nameof(Trees), Trees, "1 to 10,000");
        Require(MaxDepth is >= 1 and <= 32, nameof(MaxDepth), MaxDepth, "1 to 32");
        Require(MinLeafRows >= 1, nameof(MinLeafRows), MinLeafRows, "at least 1");
        Require(FeaturesPerSplit >= 0, nameof(FeaturesPerSplit), FeaturesPerSplit, "0 (square root) or more");
        Require(PositiveWeight > 0 && double.IsFinite(PositiveWeight), nameof(PositiveWeight), PositiveWeight, "above 0");
        Require(Threads >= 1, nameof(Threads), Threads, "at least 1");
    }

    private static void Require(bool holds, string setting, double value, string range)
    {
        if (!holds)
            throw new ForestException(
                FormattableString.Invariant($"Random forest setting {setting} is {value}; allowed: {range}."));
    }
}
