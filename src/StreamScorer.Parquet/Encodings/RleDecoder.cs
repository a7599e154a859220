using System.Buffers.Binary;

namespace StreamScorer.Parquet.Encodings;

/// <summary>Decodes the RLE / bit-packing hybrid from bytes that may be hostile.</summary>
internal static class RleDecoder
{
    /// <summary>Decodes as many numbers as the output takes.</summary>
    /// <param name="data">The runs, without any length before them.</param>
    /// <param name="width">Bits per number, 0 to 32.</param>
    /// <param name="output">Gets the numbers; negative ones where a 32-bit number is above 2^31 - 1.</param>
    /// <exception cref="ParquetException">The runs end before the output is full, or a run is malformed.</exception>
    public static void Decode(ReadOnlySpan<byte> data, int width, Span<int> output)
    {
        int valueBytes = (width + 7) / 8;
        while (!output.IsEmpty)
        {
            uint head = ReadRunHead(ref data);
            if ((head & 1) == 0)
            {
                int run = TakeRun(head, output.Length);
                output[..run].Fill(ReadValue(ref data, valueBytes, width));
                output = output[run..];
                continue;
            }
            ReadOnlySpan<byte> packed = TakePacked(ref data, head, width, output.Length, out int values);
            BitUnpacking.Unpack(packed, width, output[..values]);
            output = output[values..];
        }
    }

    /// <summary>Decodes definition levels of a flat column.</summary>
    /// <param name="data">The runs, without any length before them.</param>
    /// <param name="levels">Gets 0 where the value is missing, 1 where it is there.</param>
    /// <returns>How many values are there.</returns>
    /// <exception cref="ParquetException">The runs end too early, or a level is above 1.</exception>
    public static int DecodeLevels(ReadOnlySpan<byte> data, Span<byte> levels)
    {
        int present = 0;
        while (!levels.IsEmpty)
        {
            uint head = ReadRunHead(ref data);
            if ((head & 1) == 0)
            {
                int run = TakeRun(head, levels.Length);
                int level = ReadValue(ref data, 1, 1);
                levels[..run].Fill((byte)level);
                present += run * level;
                levels = levels[run..];
                continue;
            }
            ReadOnlySpan<byte> packed = TakePacked(ref data, head, 1, levels.Length, out int values);
            present += BitUnpacking.UnpackFlags(packed, levels[..values]);
            levels = levels[values..];
        }
        return present;
    }

    private static uint ReadRunHead(ref ReadOnlySpan<byte> data)
    {
        uint head = 0;
        for (int i = 0; i < Math.Min(5, data.Length); i++)
        {
            head |= (uint)(data[i] & 0x7F) << (7 * i);
            if (data[i] < 0x80)
            {
                data = data[(i + 1)..];
                return head;
            }
        }
        throw new ParquetException("RLE data ends before all values are read.");
    }

    private static int TakeRun(uint head, int wanted)
    {
        // A run of nothing would let hostile data loop for long.
        if (head >> 1 == 0)
            throw new ParquetException("RLE data holds an empty run.");
        return (int)Math.Min(head >> 1, (uint)wanted);
    }

    private static ReadOnlySpan<byte> TakePacked(ref ReadOnlySpan<byte> data, uint head, int width, int wanted, out int values)
    {
        long groups = head >> 1;
        if (groups == 0)
            throw new ParquetException("RLE data holds an empty run.");
        values = (int)Math.Min(groups * 8, wanted);
        // Some writers leave the unused bytes of the last group out, so only the bytes of wanted values must be there.
        long needed = (((long)values * width) + 7) / 8;
        if (needed > data.Length)
            throw new ParquetException("RLE data ends before all values are read.");
        ReadOnlySpan<byte> packed = data[..(int)needed];
        data = data[(int)Math.Min(groups * width, data.Length)..];
        return packed;
    }

    private static int ReadValue(ref ReadOnlySpan<byte> data, int bytes, int width)
    {
        if (data.Length < bytes)
            throw new ParquetException("RLE data ends within a run.");
        uint value = 0;
        for (int i = 0; i < bytes; i++)
            value |= (uint)data[i] << (8 * i);
        if (width < 32 && value >> width != 0)
            throw new ParquetException($"RLE data holds {value}, which {width} bits cannot hold.");
        data = data[bytes..];
        return (int)value;
    }
}
