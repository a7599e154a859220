using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamScorer.Parquet.Compression;

/// <summary>Compresses to the raw Snappy format (https://github.com/google/snappy/blob/main/format_description.txt).</summary>
internal sealed unsafe class SnappyEncoder
{
    // Matches never reach back over a block's start, so positions within a block fit the table's 16 bits.
    private const int BlockBytes = 1 << 16;
    private const int TableBits = 14;

    // The shortest match that is looked for. Four bytes would do for the format, but random hexadecimal digits, as ids hold them,
    // are full of four-byte matches whose copies save next to nothing and take most of the time.
    private const int MatchBytes = 5;

    // The match finder reads 8 bytes at a time, so it stops this many bytes before a block's end.
    private const int EndMargin = 15;

    private readonly ushort[] _table = new ushort[1 << TableBits];

    /// <summary>The most bytes that compressing <paramref name="length"/> bytes can take.</summary>
    public static int MaxCompressedLength(int length) => checked(32 + length + (length / 6));

    /// <summary>Compresses all of <paramref name="source"/>.</summary>
    /// <param name="source">Up to 2^31 - 1 bytes.</param>
    /// <param name="target">At least <see cref="MaxCompressedLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, MaxCompressedLength(source.Length));
        fixed (byte* start = source)
        fixed (byte* targetStart = target)
        fixed (ushort* table = _table)
        {
            byte* output = targetStart;
            uint length = (uint)source.Length;
            for (; length >= 0x80; length >>= 7)
                *output++ = (byte)(length | 0x80);
            *output++ = (byte)length;
            for (int from = 0; from < source.Length; from += BlockBytes)
            {
                _table.AsSpan().Clear();
                output = CompressBlock(start + from, Math.Min(BlockBytes, source.Length - from), output, table);
            }
            return (int)(output - targetStart);
        }
    }

    // Optimised from the first call on: called once a page, it would take minutes to be noticed as hot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static byte* CompressBlock(byte* block, int length, byte* output, ushort* table)
    {
        byte* end = block + length;
        byte* literalStart = block;
        if (length > EndMargin)
        {
            byte* limit = end - EndMargin;
            byte* position = block + 1;
            // The further without a match, the larger the steps: incompressible bytes cost little.
            uint misses = 32;
            while (position <= limit)
            {
                ulong word = FirstBytes(position);
                ushort* slot = table + Hash(word);
                byte* candidate = block + *slot;
                *slot = (ushort)(position - block);
                if (FirstBytes(candidate) != word)
                {
                    position += misses++ >> 5;
                    continue;
                }
                if (position > literalStart)
                    output = EmitLiteral(output, literalStart, (int)(position - literalStart));
                int matched = MatchBytes + MatchLength(candidate + MatchBytes, position + MatchBytes, end);
                output = EmitCopy(output, (int)(position - candidate), matched);
                position += matched;
                literalStart = position;
                misses = 32;
                if (position <= limit)
                    table[Hash(FirstBytes(position - 1))] = (ushort)(position - 1 - block);
            }
        }
        return literalStart < end ? EmitLiteral(output, literalStart, (int)(end - literalStart)) : output;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstBytes(byte* position) => *(ulong*)position << (64 - (8 * MatchBytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ulong firstBytes) => (firstBytes * 0x9E3779B97F4A7C15UL) >> (64 - TableBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int MatchLength(byte* earlier, byte* later, byte* end)
    {
        byte* start = later;
        while (later <= end - 8)
        {
            ulong difference = *(ulong*)earlier ^ *(ulong*)later;
            if (difference != 0)
                return (int)(later - start) + (BitOperations.TrailingZeroCount(difference) >> 3);
            earlier += 8;
            later += 8;
        }
        while (later < end && *earlier == *later)
        {
            earlier++;
            later++;
        }
        return (int)(later - start);
    }

    private static byte* EmitLiteral(byte* output, byte* literal, int length)
    {
        int coded = length - 1;
        if (coded < 60)
        {
            *output++ = (byte)(coded << 2);
        }
        else if (coded < 256)
        {
            *output++ = 60 << 2;
            *output++ = (byte)coded;
        }
        else
        {
            // A block's literals never pass 65,536 bytes, so two length bytes do.
            *output++ = 61 << 2;
            *output++ = (byte)coded;
            *output++ = (byte)(coded >> 8);
        }
        Unsafe.CopyBlockUnaligned(output, literal, (uint)length);
        return output + length;
    }

    private static byte* EmitCopy(byte* output, int distance, int length)
    {
        while (length >= 68)
        {
            output = EmitLongCopy(output, distance, 64);
            length -= 64;
        }
        if (length > 64)
        {
            // 65 to 67 would leave a rest under 4 bytes, which the short form cannot say.
            output = EmitLongCopy(output, distance, 60);
            length -= 60;
        }
        if (length >= 12 || distance >= 2048)
            return EmitLongCopy(output, distance, length);
        *output++ = (byte)(1 | ((length - 4) << 2) | ((distance >> 8) << 5));
        *output++ = (byte)distance;
        return output;
    }

    private static byte* EmitLongCopy(byte* output, int distance, int length)
    {
        *output = (byte)(2 | ((length - 1) << 2));
        *(ushort*)(output + 1) = (ushort)distance;
        return output + 3;
    }
}
