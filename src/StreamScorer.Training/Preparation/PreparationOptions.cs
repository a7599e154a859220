namespace StreamScorer.Training.Preparation;

/// <summary>How a raw table is cut into a training set and a stream.</summary>
public sealed record PreparationOptions
{
    public const int DefaultPartitions = 50;
    public const int MostPartitions = 9_999;
    public const long DefaultSeed = 42;

    /// <summary>Files the streaming rows are spread over, 1 to 9,999.</summary>
    public int Partitions { get; init; } = DefaultPartitions;

    /// <summary>Decides which leads go where; the same seed and table give the same files.</summary>
    public long Seed { get; init; } = DefaultSeed;
}
