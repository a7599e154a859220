using System.Diagnostics;

namespace StreamScorer.Forests;

/// <summary>
/// Which way of finding leaves is the fastest here, for each number of rows in a block: found by trying them once when the
/// model is loaded. It depends on processor, model and number of rows; the scores do not depend on it.
/// </summary>
internal static class BlockWays
{
    private const int Tries = 5;

    // Of a model so large that one try takes longer, one try is enough.
    private static readonly TimeSpan MostPerWay = TimeSpan.FromMilliseconds(1);

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
            Fastest(sums, way, codes, 1);
        for (var (from, rows) = (1, 1); rows <= RowCoder.BlockRows; (from, rows) = (rows + 1, rows * 2))
        {
            var sample = rows;
            var best = candidates.MinBy(way => Fastest(sums, way, codes, sample));
            ways.AsSpan(from..(rows + 1)).Fill(best);
        }

        return ways;
    }

    private static TimeSpan Fastest(LeafSums sums, BlockWay way, AlignedBytes codes, int rows)
    {
        Span<double> values = stackalloc double[RowCoder.BlockRows];
        var (fastest, spent) = (TimeSpan.MaxValue, TimeSpan.Zero);
        for (var i = 0; i < Tries && spent < MostPerWay; i++)
        {
            var start = Stopwatch.GetTimestamp();
            sums.Add(way, codes, values[..rows]);
            var elapsed = Stopwatch.GetElapsedTime(start);
            spent += elapsed;
            fastest = elapsed < fastest ? elapsed : fastest;
        }

        return fastest;
    }

    // Rows that go separate ways, as real ones do.
    private static AlignedBytes AnyCodes(CompiledForest forest)
    {
        var codes = new AlignedBytes(forest.Coder.BlockBytes);
        new Random(1).NextBytes(codes.Span);
        return codes;
    }
}
