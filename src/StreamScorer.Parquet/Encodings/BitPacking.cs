using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamScorer.Parquet.Encodings;

/// <summary>Packs whole numbers into as few bits as the largest needs, least significant bit first, in groups of eight.</summary>
internal static class BitPacking
{
    /// <summary>Bits that numbers up to <paramref name="largest"/> need; at least 1, because some readers stumble over width 0.
    /// </summary>
    public static int WidthOf(uint largest) => Math.Max(1, 32 - BitOperations.LeadingZeroCount(largest));

    /// <summary>Packs eight numbers at a time; the last group is filled up with zeros.</summary>
    /// <param name="values">Numbers below 2^<paramref name="width"/>.</param>
    /// <param name="width">1 to 32.</param>
    /// <param name="output">Gets <c>ceil(values.Length / 8) * width</c> bytes.</param>
    // Optimised from the first call on: see SnappyEncoder.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<int> values, int width, ByteBuffer output)
    {
        int groups = (values.Length + 7) / 8;
        // Groups are written as whole 8-byte words that overlap the next group's place.
        Span<byte> target = output.GetSpan((groups * width) + 16);
        int whole = values.Length / 8;
        for (int g = 0; g < whole; g++)
            PackGroup(values.Slice(g * 8, 8), width, target[(g * width)..]);
        if (whole < groups)
        {
            Span<int> last = stackalloc int[8];
            last.Clear();
            values[(whole * 8)..].CopyTo(last);
            PackGroup(last, width, target[(whole * width)..]);
        }
        output.Advance(groups * width);
    }

    /// <summary>Packs flags into bits.</summary>
    /// <param name="flags">One byte each, 0 or 1.</param>
    /// <param name="output">Gets <c>ceil(flags.Length / 8)</c> bytes.</param>
    public static void PackFlags(ReadOnlySpan<byte> flags, ByteBuffer output)
    {
        int bytes = (flags.Length + 7) / 8;
        Span<byte> target = output.GetSpan(bytes);
        int i = 0;
        for (; (i + 1) * 8 <= flags.Length; i++)
        {
            // The product gathers the lowest bit of each byte in the top byte, the first flag lowest.
            ulong eight = BinaryPrimitives.ReadUInt64LittleEndian(flags[(i * 8)..]);
            target[i] = (byte)((eight * 0x0102040810204080UL) >> 56);
        }
        if (i < bytes)
        {
            int last = 0;
            for (int bit = 0; (i * 8) + bit < flags.Length; bit++)
                last |= flags[(i * 8) + bit] << bit;
            target[i] = (byte)last;
        }
        output.Advance(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackGroup(ReadOnlySpan<int> v, int width, Span<byte> target)
    {
        if (width <= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(target, Half(v, width) | (Half(v[4..], width) << (4 * width)));
        }
        else if (width < 16)
        {
            ulong low = Half(v, width);
            ulong high = Half(v[4..], width);
            BinaryPrimitives.WriteUInt64LittleEndian(target, low | (high << (4 * width)));
            BinaryPrimitives.WriteUInt64LittleEndian(target[8..], high >> (64 - (4 * width)));
        }
        else
        {
            PackWide(v, width, target);
        }
    }

    // Four numbers of up to 16 bits each fit one word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Half(ReadOnlySpan<int> v, int width) =>
        (uint)v[0] | ((ulong)(uint)v[1] << width) | ((ulong)(uint)v[2] << (2 * width)) | ((ulong)(uint)v[3] << (3 * width));

    private static void PackWide(ReadOnlySpan<int> v, int width, Span<byte> target)
    {
        ulong pending = 0;
        int bits = 0;
        int position = 0;
        for (int i = 0; i < 8; i++)
        {
            pending |= (ulong)(uint)v[i] << bits;
            bits += width;
            if (bits >= 32)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(target[position..], (uint)pending);
                position += 4;
                pending >>= 32;
                bits -= 32;
            }
        }
        // Eight numbers end on a byte, not always on four.
        for (; bits > 0; bits -= 8, pending >>= 8)
            target[position++] = (byte)pending;
    }
}
