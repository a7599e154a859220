namespace StreamScorer.Scoring;

/// <summary>
/// The line between hot and not: a lead is hot when its calibrated probability lies above <see cref="Probability"/>,
/// compared as doubles and never as rounded text, so that exactly 0.7 is not hot at a threshold of 0.7.
/// </summary>
public readonly record struct HotThreshold
{
    /// <summary>The threshold of the shipped settings, 0.7.</summary>
    public static readonly HotThreshold Default = new(0.7);

    /// <summary>A threshold from 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not a probability.</exception>
    public HotThreshold(double probability)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A threshold is a probability from 0 to 1.");
        Probability = probability;
    }

    /// <summary>The probability that a hot lead exceeds.</summary>
    public double Probability { get; }

    /// <summary>Whether a lead of this probability is hot.</summary>
    public bool IsHot(double probability) => probability > Probability;
}
