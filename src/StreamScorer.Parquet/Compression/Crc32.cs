using System.Buffers.Binary;

namespace StreamScorer.Parquet.Compression;

/// <summary>CRC-32 as gzip and Parquet's page headers use it: polynomial 0x04C11DB7, reflected, inverted at both ends.</summary>
internal static class Crc32
{
    private const int Lanes = 8;

    // Entry [k * 256 + b]: the CRC of byte b followed by k zero bytes, so that eight bytes are looked up at once.
    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of all of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Continue(~0u, bytes);

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> table = Table;
        while (bytes.Length >= 8)
        {
            uint low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[(7 * 256) + (int)(low & 0xFF)] ^ table[(6 * 256) + (int)((low >> 8) & 0xFF)]
                ^ table[(5 * 256) + (int)((low >> 16) & 0xFF)] ^ table[(4 * 256) + (int)(low >> 24)]
                ^ table[(3 * 256) + (int)(high & 0xFF)] ^ table[(2 * 256) + (int)((high >> 8) & 0xFF)]
                ^ table[256 + (int)((high >> 16) & 0xFF)] ^ table[(int)(high >> 24)];
            bytes = bytes[8..];
        }
        foreach (byte value in bytes)
            crc = (crc >> 8) ^ table[(int)((crc ^ value) & 0xFF)];
        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[Lanes * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            table[i] = crc;
        }
        for (int i = 256; i < table.Length; i++)
            table[i] = (table[i - 256] >> 8) ^ table[(int)(table[i - 256] & 0xFF)];
        return table;
    }
}
