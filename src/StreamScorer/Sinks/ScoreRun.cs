using StreamScorer.Features;

namespace StreamScorer.Sinks;

/// <summary>
/// The rows of a run turned on their side, an array for each field, as the writers of columns take them. The other way round,
/// each column would fetch every row anew.
/// </summary>
internal sealed class ScoreRun
{
    /// <summary>Long enough that a column's inner loop dominates, short enough that a run stays in the cache.</summary>
    public const int MaxRows = 2048;

    public readonly int[] Slots = new int[MaxRows];
    public readonly int[] Batches = new int[MaxRows];
    public readonly long[] Offsets = new long[MaxRows];
    public readonly long[] KafkaTimes = new long[MaxRows];
    public readonly long[] OccurredAt = new long[MaxRows];
    public readonly double[] RawScores = new double[MaxRows];
    public readonly double[] Probabilities = new double[MaxRows];
    public readonly int[] Buckets = new int[MaxRows];
    public readonly byte[] Tiers = new byte[MaxRows];
    public readonly bool[] Hot = new bool[MaxRows];
    public readonly Utf8Slice[] LeadIds = new Utf8Slice[MaxRows];
    public readonly Utf8Slice[] EventIds = new Utf8Slice[MaxRows];
    public readonly Utf8Slice[] Reasons = new Utf8Slice[MaxRows];

    /// <summary>Rows held.</summary>
    public int Count { get; set; }

    /// <summary>The part of a field's array that is in use.</summary>
    public ReadOnlySpan<T> Of<T>(T[] field) => field.AsSpan(0, Count);
}
