using System.Buffers.Binary;

namespace StreamScorer.Tests.Parquet.Fuzzing;

/// <summary>Spoils a Parquet file at random: bits, bytes, numbers, whole stretches, its end. Half the time the footer's length is
/// mended afterwards, so that the damage gets past the first check.</summary>
internal static class ByteMutation
{
    private const int TailBytes = 8;

    private static readonly byte[] OddBytes = [0x00, 0x01, 0x15, 0x18, 0x7F, 0x80, 0xFE, 0xFF];
    private static readonly int[] OddNumbers = [0, 1, -1, int.MaxValue, int.MinValue, 1 << 16, 1 << 24, 255];

    /// <summary>A spoilt copy.</summary>
    public static byte[] Spoil(byte[] file, Random random)
    {
        var bytes = new List<byte>(file);
        int footer = FooterLength(file);
        int footerEnd = file.Length - TailBytes;
        int steps = 1 + (random.Next(4) == 0 ? random.Next(6) : 0);
        for (int i = 0; i < steps && bytes.Count > TailBytes; i++)
        {
            // Footer and page headers decide about everything else; the footer is where they are easily found.
            bool inFooter = random.Next(2) == 0;
            int at = inFooter ? random.Next(footerEnd - footer, footerEnd) : random.Next(file.Length);
            Step(bytes, Math.Min(at, bytes.Count - 1), random);
        }
        byte[] spoilt = [.. bytes];
        if (random.Next(2) == 0 && spoilt.Length > TailBytes)
        {
            int grown = footer + spoilt.Length - file.Length;
            BinaryPrimitives.WriteInt32LittleEndian(spoilt.AsSpan(spoilt.Length - TailBytes), grown);
            "PAR1"u8.CopyTo(spoilt.AsSpan(spoilt.Length - 4));
        }
        return spoilt;
    }

    private static int FooterLength(byte[] file) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - TailBytes));

    private static void Step(List<byte> bytes, int at, Random random)
    {
        int length = Math.Min(1 + random.Next(random.Next(8) == 0 ? 200 : 8), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3 or 4:
                bytes[at] = OddBytes[random.Next(OddBytes.Length)];
                break;
            case 5:
                Overwrite(bytes, at, BitConverter.GetBytes(OddNumbers[random.Next(OddNumbers.Length)]));
                break;
            case 6:
                Overwrite(bytes, at, HugeVarint(random));
                break;
            case 7:
                bytes.RemoveRange(at, length);
                break;
            case 8:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            default:
                if (random.Next(4) == 0)
                    bytes.RemoveRange(at, bytes.Count - at);
                else
                    Overwrite(bytes, at, RandomBytes(random, length));
                break;
        }
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] by)
    {
        for (int i = 0; i < by.Length && at + i < bytes.Count; i++)
            bytes[at + i] = by[i];
    }

    // The varint of a number of up to ten bytes: as a length or count, a lie.
    private static byte[] HugeVarint(Random random)
    {
        byte[] varint = RandomBytes(random, random.Next(2, 11));
        for (int i = 0; i < varint.Length - 1; i++)
            varint[i] |= 0x80;
        varint[^1] &= 0x7F;
        return varint;
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
