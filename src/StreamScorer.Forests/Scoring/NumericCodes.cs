using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// One code column of a numeric feature: the thresholds from rank <paramref name="FirstRank"/> on, at most 255 of them, with
/// missing values on one side of all.
/// </summary>
internal readonly record struct NumericColumn(int Column, int FirstRank, bool MissingLeft);

/// <summary>Codes of one numeric (or boolean, or timestamp) feature.</summary>
internal sealed class NumericCodes
{
    /// <summary>Thresholds per column: codes 0 to 255 leave room for this many cuts.</summary>
    public const int ThresholdsPerColumn = 255;

    // Thresholds compared at once, one 512-bit register of doubles.
    private const int Fanout = 8;

    // Stands for the rank of a missing value.
    private const int Missing = -1;

    private readonly int _feature;
    private readonly double[][] _levels;
    private readonly NumericColumn[] _columns;

    /// <param name="feature">Index in the feature row.</param>
    /// <param name="thresholds">All thresholds of the feature, ascending, distinct.</param>
    /// <param name="columns">The code columns to fill.</param>
    public NumericCodes(int feature, double[] thresholds, IReadOnlyList<NumericColumn> columns)
    {
        _feature = feature;
        _columns = [.. columns];
        _levels = Levels(thresholds);
    }

    public void Encode(ReadOnlySpan<double> rows, int stride, int count, Span<byte> codes)
    {
        Span<int> ranks = stackalloc int[RowCoder.BlockRows];
        for (var row = 0; row < count; row++)
        {
            var value = rows[(row * stride) + _feature];
            var rank = Rank(value);
            ranks[row] = double.IsNaN(value) ? Missing : rank;
        }

        foreach (var column in _columns)
        {
            var target = codes.Slice(column.Column * RowCoder.BlockRows, RowCoder.BlockRows);
            if (count < RowCoder.BlockRows / 4)
                WriteEach(column, ranks[..count], target);
            else
                WriteBlock(column, ranks, target);
        }
    }

    private static void WriteEach(NumericColumn column, ReadOnlySpan<int> ranks, Span<byte> codes)
    {
        var missing = column.MissingLeft ? 0 : ThresholdsPerColumn;
        for (var row = 0; row < ranks.Length; row++)
        {
            var code = Math.Clamp(ranks[row] - column.FirstRank, 0, ThresholdsPerColumn);
            codes[row] = (byte)(ranks[row] == Missing ? missing : code);
        }
    }

    // The same, 64 rows at once; those behind the last row get some code too.
    private static void WriteBlock(NumericColumn column, ReadOnlySpan<int> ranks, Span<byte> codes)
    {
        var parts = MemoryMarshal.Cast<int, Vector512<int>>(ranks);
        var first = Vector512.Create(column.FirstRank);
        var missing = Vector512.Create(column.MissingLeft ? 0 : ThresholdsPerColumn);
        var low = Vector512.Narrow(Code(parts[0]), Code(parts[1]));
        var high = Vector512.Narrow(Code(parts[2]), Code(parts[3]));
        MemoryMarshal.Cast<byte, Vector512<byte>>(codes)[0] = Vector512.Narrow(low, high).AsByte();

        Vector512<int> Code(Vector512<int> rank)
        {
            var code = Vector512.Min(
                Vector512.Max(rank - first, Vector512<int>.Zero), Vector512.Create(ThresholdsPerColumn));
            return Vector512.ConditionalSelect(Vector512.Equals(rank, Vector512.Create(Missing)), missing, code);
        }
    }

    // Number of thresholds below the value (of a missing one: 0). Every level tells which eighth of the rest to look in, by
    // a count instead of a branch, which the processor could not predict.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Rank(double value)
    {
        var sought = Vector512.Create(value);
        var rank = 0;
        foreach (var level in _levels)
        {
            var pivots = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(level), (nuint)(rank * Fanout));
            rank = (rank * Fanout) + BitOperations.PopCount(Vector512.GreaterThan(sought, pivots).ExtractMostSignificantBits());
        }

        return rank;
    }

    // A search tree with eight children per node. The last level is the thresholds, filled up with a value that nothing is
    // above; each level above has the last entry of every eight of the one below.
    private static double[][] Levels(double[] thresholds)
    {
        var length = Fanout;
        while (length <= thresholds.Length)
            length *= Fanout;
        var level = new double[length];
        Array.Fill(level, double.PositiveInfinity);
        thresholds.CopyTo(level, 0);
        var levels = new List<double[]> { level };
        for (; length > Fanout; length /= Fanout)
        {
            var below = levels[0];
            levels.Insert(0, [.. Enumerable.Range(0, length / Fanout).Select(i => below[(i * Fanout) + Fanout - 1])]);
        }

        return [.. levels];
    }
}
