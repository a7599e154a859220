using System.Runtime.CompilerServices;

namespace StreamScorer.Parquet.Encodings;

/// <summary>Encodes levels and dictionary indices in the RLE / bit-packing hybrid
/// (https://github.com/apache/parquet-format/blob/master/Encodings.md): runs of eight or more equal numbers as a run, the rest
/// bit-packed.</summary>
internal static class RleEncoder
{
    private const int ShortestRun = 8;

    /// <summary>Encodes dictionary indices.</summary>
    /// <param name="values">Numbers below 2^<paramref name="width"/>.</param>
    /// <param name="width">1 to 32.</param>
    /// <param name="output">Gets the runs, without any length before them.</param>
    // Optimised from the first call on: see SnappyEncoder.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode(ReadOnlySpan<int> values, int width, ByteBuffer output)
    {
        int literalStart = 0;
        int i = 0;
        while (i < values.Length)
        {
            int runEnd = i + LengthOfRun(values[i..]);
            // A bit-packed run before more runs holds whole groups of eight, so the run gives it what it lacks.
            int fill = -(i - literalStart) & 7;
            if (runEnd - i - fill >= ShortestRun)
            {
                i += fill;
                AppendPacked(values[literalStart..i], width, output);
                AppendRun(values[i], runEnd - i, width, output);
                literalStart = runEnd;
            }
            i = runEnd;
        }
        AppendPacked(values[literalStart..], width, output);
    }

    /// <summary>Encodes definition levels of a flat column, width 1.</summary>
    /// <param name="levels">0 where the value is missing, 1 where it is there.</param>
    /// <param name="output">Gets the runs, without any length before them.</param>
    public static void EncodeLevels(ReadOnlySpan<byte> levels, ByteBuffer output)
    {
        int literalStart = 0;
        int i = 0;
        while (i < levels.Length)
        {
            int next = levels[i..].IndexOf((byte)(levels[i] ^ 1));
            int runEnd = next < 0 ? levels.Length : i + next;
            int fill = -(i - literalStart) & 7;
            if (runEnd - i - fill >= ShortestRun)
            {
                i += fill;
                AppendPackedLevels(levels[literalStart..i], output);
                AppendRun(levels[i], runEnd - i, 1, output);
                literalStart = runEnd;
            }
            i = runEnd;
        }
        AppendPackedLevels(levels[literalStart..], output);
    }

    /// <summary>How many equal numbers stand at the start.</summary>
    /// <param name="values">At least one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LengthOfRun(ReadOnlySpan<int> values)
    {
        // Most runs are shorter than the call that finds the end of a long one.
        if (values.Length < 2 || values[1] != values[0])
            return 1;
        int length = values.IndexOfAnyExcept(values[0]);
        return length < 0 ? values.Length : length;
    }

    /// <summary>Appends one run of equal numbers.</summary>
    public static void AppendRun(int value, int count, int width, ByteBuffer output)
    {
        output.AppendVarint((ulong)(uint)count << 1);
        for (int bits = 0; bits < width; bits += 8)
            output.Append((byte)(value >> bits));
    }

    private static void AppendPacked(ReadOnlySpan<int> values, int width, ByteBuffer output)
    {
        if (values.IsEmpty)
            return;
        output.AppendVarint(((ulong)(uint)((values.Length + 7) / 8) << 1) | 1);
        BitPacking.Pack(values, width, output);
    }

    private static void AppendPackedLevels(ReadOnlySpan<byte> levels, ByteBuffer output)
    {
        if (levels.IsEmpty)
            return;
        output.AppendVarint(((ulong)(uint)((levels.Length + 7) / 8) << 1) | 1);
        BitPacking.PackFlags(levels, output);
    }
}
