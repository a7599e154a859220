using System.Runtime.CompilerServices;

namespace StreamScorer.Parquet.Compression;

/// <summary>Decompresses the raw Snappy format from bytes that may be hostile.</summary>
internal static unsafe class SnappyDecoder
{
    /// <summary>Decompresses all of <paramref name="source"/> into exactly the bytes of <paramref name="target"/>.</summary>
    /// <exception cref="ParquetException">The bytes are no Snappy, or hold more or fewer than the target takes.</exception>
    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int position = ReadLength(source, out uint length);
        if (length != (uint)target.Length)
            throw new ParquetException($"Snappy data says {length} bytes where the page header says {target.Length}.");
        fixed (byte* sourceStart = source)
        fixed (byte* targetStart = target)
            DecompressElements(sourceStart + position, sourceStart + source.Length, targetStart, targetStart + target.Length);
    }

    private static int ReadLength(ReadOnlySpan<byte> source, out uint length)
    {
        length = 0;
        for (int i = 0; i < Math.Min(5, source.Length); i++)
        {
            length |= (uint)(source[i] & 0x7F) << (7 * i);
            if (source[i] < 0x80)
                return i + 1;
        }
        throw new ParquetException("Snappy data without a length.");
    }

    private static void DecompressElements(byte* input, byte* inputEnd, byte* output, byte* outputEnd)
    {
        byte* outputStart = output;
        while (input < inputEnd)
        {
            uint tag = *input++;
            if ((tag & 3) == 0)
            {
                input = ReadLiteralLength(input, inputEnd, tag, out long literal);
                if (literal > inputEnd - input || literal > outputEnd - output)
                    throw Damaged("a literal runs past the end");
                CopyLiteral(input, inputEnd, output, outputEnd, (int)literal);
                input += literal;
                output += literal;
                continue;
            }
            input = ReadCopy(input, inputEnd, tag, out int length, out uint distance);
            if (distance == 0 || distance > (ulong)(output - outputStart))
                throw Damaged("a copy reaches before the start");
            if (length > outputEnd - output)
                throw Damaged("a copy runs past the end");
            CopyWithin(output, outputEnd, distance, length);
            output += length;
        }
        if (output != outputEnd)
            throw Damaged("it ends early");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* ReadLiteralLength(byte* input, byte* inputEnd, uint tag, out long length)
    {
        length = (tag >> 2) + 1;
        if (length <= 60)
            return input;
        int bytes = (int)length - 60;
        if (bytes > inputEnd - input)
            throw Damaged("it is cut off");
        length = 1;
        for (int i = 0; i < bytes; i++)
            length += (long)input[i] << (8 * i);
        return input + bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* ReadCopy(byte* input, byte* inputEnd, uint tag, out int length, out uint distance)
    {
        int bytes = (tag & 3) == 3 ? 4 : (int)(tag & 3);
        if (bytes > inputEnd - input)
            throw Damaged("it is cut off");
        if (bytes == 1)
        {
            length = (int)((tag >> 2) & 7) + 4;
            distance = ((tag >> 5) << 8) | *input;
        }
        else
        {
            length = (int)(tag >> 2) + 1;
            distance = bytes == 2 ? *(ushort*)input : *(uint*)input;
        }
        return input + bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyLiteral(byte* input, byte* inputEnd, byte* output, byte* outputEnd, int length)
    {
        if (length <= 16 && inputEnd - input >= 16 && outputEnd - output >= 16)
            Unsafe.CopyBlockUnaligned(output, input, 16);
        else
            Unsafe.CopyBlockUnaligned(output, input, (uint)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyWithin(byte* output, byte* outputEnd, uint distance, int length)
    {
        byte* from = output - distance;
        if (distance >= 8 && outputEnd - output >= length + 8)
        {
            // Whole words may write over the copy's end, where later elements write anyway.
            for (int i = 0; i < length; i += 8)
                *(ulong*)(output + i) = *(ulong*)(from + i);
            return;
        }
        // A copy may overlap its own output: then it repeats the bytes it has just written.
        for (int i = 0; i < length; i++)
            output[i] = from[i];
    }

    private static ParquetException Damaged(string how) => new($"The Snappy data is damaged: {how}.");
}
