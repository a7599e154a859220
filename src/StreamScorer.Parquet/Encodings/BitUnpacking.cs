using System.Buffers.Binary;
using System.Numerics;

namespace StreamScorer.Parquet.Encodings;

/// <summary>The reverse of <see cref="BitPacking"/>.</summary>
internal static class BitUnpacking
{
    /// <summary>Unpacks numbers.</summary>
    /// <param name="packed">At least <c>ceil(output.Length * width / 8)</c> bytes.</param>
    /// <param name="width">0 to 32.</param>
    /// <param name="output">Gets the numbers.</param>
    public static void Unpack(ReadOnlySpan<byte> packed, int width, Span<int> output)
    {
        if (width == 0)
        {
            output.Clear();
            return;
        }
        ulong mask = (1UL << width) - 1;
        // Whole words are read at each number's first byte, so the last numbers are read from a padded copy.
        int inWords = packed.Length < 8 ? 0 : (int)Math.Min(output.Length, ((long)(packed.Length - 8) * 8 / width) + 1);
        for (int i = 0; i < inWords; i++)
        {
            long bit = (long)i * width;
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(packed[(int)(bit >> 3)..]);
            output[i] = (int)((word >> (int)(bit & 7)) & mask);
        }
        UnpackEnd(packed, width, output, inWords, mask);
    }

    /// <summary>Unpacks 64-bit numbers, as delta encoding needs them.</summary>
    /// <param name="packed">At least <c>ceil(output.Length * width / 8)</c> bytes.</param>
    /// <param name="width">0 to 64.</param>
    /// <param name="output">Gets the numbers.</param>
    public static void Unpack(ReadOnlySpan<byte> packed, int width, Span<long> output)
    {
        ulong mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        Span<byte> padded = stackalloc byte[16];
        for (int i = 0; i < output.Length; i++)
        {
            long bit = (long)i * width;
            scoped ReadOnlySpan<byte> from = packed[(int)(bit >> 3)..];
            if (from.Length < 9)
            {
                padded.Clear();
                from.CopyTo(padded);
                from = padded;
            }
            int shift = (int)(bit & 7);
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(from) >> shift;
            // A number wider than 57 bits may reach into a ninth byte.
            if (shift > 0)
                value |= (ulong)from[8] << (64 - shift);
            output[i] = (long)(value & mask);
        }
    }

    /// <summary>Unpacks bits to one byte each.</summary>
    /// <param name="packed">At least <c>ceil(flags.Length / 8)</c> bytes.</param>
    /// <param name="flags">Gets 0 or 1.</param>
    /// <returns>How many are 1.</returns>
    public static int UnpackFlags(ReadOnlySpan<byte> packed, Span<byte> flags)
    {
        int set = 0;
        int i = 0;
        for (; i + 8 <= flags.Length; i += 8)
        {
            byte bits = packed[i >> 3];
            set += BitOperations.PopCount(bits);
            // Each byte of the product holds all bits; the mask keeps a different one of them in each byte.
            ulong spread = ((bits * 0x0101010101010101UL) & 0x8040201008040201UL) + 0x7F7F7F7F7F7F7F7FUL;
            BinaryPrimitives.WriteUInt64LittleEndian(flags[i..], (spread >> 7) & 0x0101010101010101UL);
        }
        for (; i < flags.Length; i++)
        {
            flags[i] = (byte)((packed[i >> 3] >> (i & 7)) & 1);
            set += flags[i];
        }
        return set;
    }

    private static void UnpackEnd(ReadOnlySpan<byte> packed, int width, Span<int> output, int from, ulong mask)
    {
        Span<byte> padded = stackalloc byte[16];
        for (int i = from; i < output.Length; i++)
        {
            long bit = (long)i * width;
            ReadOnlySpan<byte> rest = packed[(int)(bit >> 3)..];
            padded.Clear();
            rest[..Math.Min(8, rest.Length)].CopyTo(padded);
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(padded);
            output[i] = (int)((word >> (int)(bit & 7)) & mask);
        }
    }
}
