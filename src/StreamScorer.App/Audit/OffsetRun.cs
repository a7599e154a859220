using System.Globalization;

namespace StreamScorer.App.Audit;

/// <summary>Offsets from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
public readonly record struct OffsetRun(long Start, long End)
{
    /// <summary>How many offsets the run spans.</summary>
    public long Length => End - Start;

    /// <summary>Whether the offset lies in the run.</summary>
    public bool Contains(long offset) => Start <= offset && offset < End;

    /// <summary>For people: "offset 7", or "offsets 7 to 9", both inclusive.</summary>
    public override string ToString() => Length == 1
        ? string.Create(CultureInfo.InvariantCulture, $"offset {Start}")
        : string.Create(CultureInfo.InvariantCulture, $"offsets {Start} to {End - 1}");
}
