namespace StreamScorer.Parquet.Encodings;

/// <summary>Decodes DELTA_BINARY_PACKED: differences of neighbours, bit-packed in miniblocks, from bytes that may be hostile.
/// Arithmetic wraps, as the format asks; 32-bit numbers are the lower half of the decoded ones.</summary>
internal static class DeltaBinaryDecoder
{
    // Writers use 128 or 256; a page of one huge block would only be a way to make readers allocate.
    private const uint MaxBlockValues = 1 << 16;

    /// <summary>Decodes exactly as many numbers as the output takes.</summary>
    /// <returns>The bytes read, padding of the last miniblock included.</returns>
    /// <exception cref="ParquetException">The data is malformed, cut off, or holds another count of numbers.</exception>
    public static int Decode(ReadOnlySpan<byte> data, Span<long> output)
    {
        int position = 0;
        ulong blockValues = ReadVarint(data, ref position);
        ulong miniblocks = ReadVarint(data, ref position);
        ulong total = ReadVarint(data, ref position);
        long value = ReadZigZag(data, ref position);
        if (blockValues is 0 or > MaxBlockValues || miniblocks == 0 || blockValues % miniblocks != 0
            || blockValues / miniblocks % 8 != 0)
        {
            throw new ParquetException($"Delta blocks of {blockValues} values in {miniblocks} miniblocks are not allowed.");
        }
        if (total != (ulong)output.Length)
            throw new ParquetException($"Delta data holds {total} values where {output.Length} were expected.");
        if (output.IsEmpty)
            return position;
        output[0] = value;
        output = output[1..];
        int perMiniblock = (int)(blockValues / miniblocks);
        while (!output.IsEmpty)
            value = DecodeBlock(data, ref position, (int)miniblocks, perMiniblock, value, ref output);
        return position;
    }

    private static long DecodeBlock(ReadOnlySpan<byte> data, ref int position, int miniblocks, int perMiniblock, long value,
        ref Span<long> output)
    {
        long minDelta = ReadZigZag(data, ref position);
        if (miniblocks > data.Length - position)
            throw CutOff();
        ReadOnlySpan<byte> widths = data.Slice(position, miniblocks);
        position += miniblocks;
        foreach (byte width in widths)
        {
            // Miniblocks behind the last value have a width but no bytes.
            if (output.IsEmpty)
                break;
            if (width > 64)
                throw new ParquetException($"Deltas of {width} bits do not exist.");
            Span<long> deltas = output[..Math.Min(perMiniblock, output.Length)];
            int needed = ((deltas.Length * width) + 7) / 8;
            if (needed > data.Length - position)
                throw CutOff();
            BitUnpacking.Unpack(data.Slice(position, needed), width, deltas);
            position = Math.Min(data.Length, position + (perMiniblock * width / 8));
            foreach (ref long delta in deltas)
            {
                value = unchecked(value + minDelta + delta);
                delta = value;
            }
            output = output[deltas.Length..];
        }
        return value;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> data, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (position >= data.Length)
                throw CutOff();
            byte part = data[position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        throw new ParquetException("A number in delta data runs over 10 bytes.");
    }

    private static long ReadZigZag(ReadOnlySpan<byte> data, ref int position)
    {
        ulong raw = ReadVarint(data, ref position);
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    private static ParquetException CutOff() => new("Delta data ends before all values are read.");
}
