using System.Globalization;

namespace StreamScorer.App.Offsets;

/// <summary>Where <c>offsets reset --to</c> goes: the oldest record, the end, an offset, or a moment.</summary>
internal sealed record ResetTarget
{
    private enum Kind
    {
        Earliest,
        Latest,
        Offset,
        Moment,
    }

    private Kind To { get; init; }

    private long Offset { get; init; }

    private DateTimeOffset Moment { get; init; }

    /// <summary>Whether brokers must know the records' timestamps.</summary>
    public bool NeedsTimestamps => To == Kind.Moment;

    /// <summary>Reads <c>earliest</c>, <c>latest</c>, an offset, or a moment in RFC 3339.</summary>
    public static bool TryParse(string text, out ResetTarget target)
    {
        target = new ResetTarget { To = text == "earliest" ? Kind.Earliest : Kind.Latest };
        if (text is "earliest" or "latest")
            return true;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            target = new ResetTarget { To = Kind.Offset, Offset = offset };
        else if (text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            target = new ResetTarget { To = Kind.Moment, Moment = moment };
        else
            return false;
        return true;
    }

    /// <summary>The target of each partition.</summary>
    /// <exception cref="ArgumentException">A partition does not have the offset; the message names it and its bounds.</exception>
    public IReadOnlyDictionary<int, long> Resolve(GroupOffsets group, IReadOnlyDictionary<int, PartitionOffsets> partitions)
    {
        if (To == Kind.Moment)
            return group.At(Moment, partitions);
        var targets = partitions.ToDictionary(
            each => each.Key,
            each => To switch { Kind.Earliest => each.Value.Low, Kind.Latest => each.Value.End, _ => Offset });
        var outside = partitions.Where(each => targets[each.Key] < each.Value.Low || targets[each.Key] > each.Value.End)
            .Select(each => string.Create(CultureInfo.InvariantCulture, $"partition {each.Key} has offsets {each.Value.Low} to {each.Value.End}"))
            .ToArray();
        return outside.Length == 0 ? targets : throw new ArgumentException(
            FormattableString.Invariant($"{Offset} is outside: {string.Join(", ", outside)}. ")
                + "Name one with --partition, or use earliest or latest.");
    }
}
