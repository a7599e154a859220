using StreamScorer.Parquet;

namespace StreamScorer.Tests.Parquet.Encodings;

/// <summary>DELTA_BINARY_PACKED as Encodings.md describes it, without thought for speed: blocks of 128 in 4 miniblocks.</summary>
internal static class DeltaEncoder
{
    private const int BlockValues = 128;
    private const int MiniblockValues = 32;

    public static byte[] Encode(ReadOnlySpan<long> values)
    {
        var output = new ByteBuffer();
        output.AppendVarint(BlockValues);
        output.AppendVarint(BlockValues / MiniblockValues);
        output.AppendVarint((ulong)values.Length);
        output.AppendVarint(ZigZag(values.IsEmpty ? 0 : values[0]));
        for (int from = 1; from < values.Length; from += BlockValues)
            EncodeBlock(values, from, Math.Min(BlockValues, values.Length - from), output);
        return output.Written.ToArray();
    }

    private static void EncodeBlock(ReadOnlySpan<long> values, int from, int count, ByteBuffer output)
    {
        var deltas = new long[BlockValues];
        for (int i = 0; i < count; i++)
            deltas[i] = unchecked(values[from + i] - values[from + i - 1]);
        long min = deltas.Take(count).Min();
        output.AppendVarint(ZigZag(min));
        var widths = new int[BlockValues / MiniblockValues];
        for (int m = 0; m < widths.Length; m++)
        {
            ulong all = 0;
            for (int i = m * MiniblockValues; i < Math.Min(count, (m + 1) * MiniblockValues); i++)
                all |= unchecked((ulong)(deltas[i] - min));
            widths[m] = 64 - System.Numerics.BitOperations.LeadingZeroCount(all);
            output.Append((byte)widths[m]);
        }
        for (int m = 0; m * MiniblockValues < count; m++)
            Pack(deltas, min, m * MiniblockValues, count, widths[m], output);
    }

    private static void Pack(long[] deltas, long min, int from, int count, int width, ByteBuffer output)
    {
        var bytes = new byte[MiniblockValues * width / 8];
        for (int i = 0; i < MiniblockValues && from + i < count; i++)
        {
            ulong value = unchecked((ulong)(deltas[from + i] - min));
            for (int bit = 0; bit < width; bit++)
            {
                int at = (i * width) + bit;
                bytes[at / 8] |= (byte)(((value >> bit) & 1) << (at % 8));
            }
        }
        output.Append(bytes);
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
