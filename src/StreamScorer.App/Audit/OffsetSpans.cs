namespace StreamScorer.App.Audit;

/// <summary>Arithmetic on runs of offsets.</summary>
internal static class OffsetSpans
{
    /// <summary>
    /// Joins ascending runs until at most <paramref name="most"/> are left, closing the smallest distances: reading a
    /// few records too many costs less than a seek.
    /// </summary>
    public static IReadOnlyList<OffsetRun> Coalesce(IEnumerable<OffsetRun> runs, int most)
    {
        const int cheaperThanSeek = 2000;
        var joined = Join(runs, cheaperThanSeek);
        if (joined.Count <= most)
            return joined;
        var distances = joined.Zip(joined.Skip(1), (left, right) => right.Start - left.End).Order().ToArray();
        return Join(joined, distances[joined.Count - most - 1]);
    }

    /// <summary>The part of <paramref name="run"/> that lies in <paramref name="window"/>; empty when none does.</summary>
    public static OffsetRun Clip(OffsetRun run, OffsetRun window)
    {
        var start = Math.Max(run.Start, window.Start);
        return new OffsetRun(start, Math.Max(start, Math.Min(run.End, window.End)));
    }

    /// <summary>Joins runs in any order, overlapping ones too, where the distance is at most <paramref name="distance"/>.</summary>
    public static List<OffsetRun> Join(IEnumerable<OffsetRun> runs, long distance = 0)
    {
        var joined = new List<OffsetRun>();
        foreach (var run in runs.Where(run => run.Length > 0).OrderBy(run => run.Start))
        {
            if (joined.Count > 0 && run.Start - joined[^1].End <= distance)
                joined[^1] = new OffsetRun(joined[^1].Start, Math.Max(joined[^1].End, run.End));
            else
                joined.Add(run);
        }

        return joined;
    }
}
