using System.Diagnostics;

namespace StreamScorer.Forests;

/// <summary>
/// Which way of finding leaves is the fastest here, for each number of rows in a block: found by trying them once when the
/// model is loaded. It depends on processor, model and number of rows; the scores do not depend on it.
/// </summary>
internal static class BlockWays
{
    // A busy machine interrupts one of them, or two; hardly ever the fastest of several that come at different times.
    private const int Tries = 5;

    /// <summary>By number of rows, 1 to 64 (entry 0 is not used).</summary>
    public static BlockWay[] Measure(CompiledForest forest)
    {
        var ways = new BlockWay[RowCoder.BlockRows + 1];
        var sums = new LeafSums(forest);
        var codes = AnyCodes(forest);
        List<BlockWay> candidates = [BlockWay.TreesOfEachRow, BlockWay.RowsOfEachTree];
        if (forest.Lanes is not null)
            candidates.Add(BlockWay.LanesOfEachRow);
        if (forest.Block is not null)
            candidates.Add(BlockWay.WholeBlock);
        if (forest.Levels is not null)
            candidates.Add(BlockWay.LevelsOfBlock);
        // Compiles what is about to be timed.
        foreach (var way in candidates)
            Time(sums, way, codes, 1);
        for (var (from, rows) = (1, 1); rows <= RowCoder.BlockRows; (from, rows) = (rows + 1, rows * 2))
        {
            var sample = rows;
            // Turn by turn, so that a busy moment meets all of them.
            var fastest = Enumerable.Range(0, Tries).SelectMany(_ => candidates)
                .Select(way => (Way: way, Time: Time(sums, way, codes, sample)))
                .MinBy(tried => tried.Time);
            ways.AsSpan(from..(rows + 1)).Fill(fastest.Way);
        }

        return ways;
    }

    private static TimeSpan Time(LeafSums sums, BlockWay way, AlignedBytes codes, int rows)
    {
        Span<double> values = stackalloc double[RowCoder.BlockRows];
        var start = Stopwatch.GetTimestamp();
        sums.Add(way, codes, values[..rows]);
        return Stopwatch.GetElapsedTime(start);
    }

    // Rows that go separate ways, as real ones do.
    private static AlignedBytes AnyCodes(CompiledForest forest)
    {
        var codes = new AlignedBytes(forest.Coder.BlockBytes);
        new Random(1).NextBytes(codes.Span);
        return codes;
    }
}
