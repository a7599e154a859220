using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamScorer.Parquet.Compression;

/// <summary>CRC-32 as gzip and Parquet's page headers use it: polynomial 0x04C11DB7, reflected, inverted at both ends.</summary>
internal static class Crc32
{
    private const int Lanes = 8;
    private const int FoldedBytes = 64;

    // x^(n + 32) and x^(n - 32) modulo the polynomial, reflected, for a shift of n = 512 and n = 128 bits.
    private static readonly Vector128<long> Over64Bytes = Vector128.Create(0x0154442BD4, 0x01C6E41596);
    private static readonly Vector128<long> Over16Bytes = Vector128.Create(0x01751997D0, 0x00CCAA009E);

    // Entry [k * 256 + b]: the CRC of byte b followed by k zero bytes, so that eight bytes are looked up at once.
    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of all of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        if (Pclmulqdq.IsSupported && bytes.Length >= FoldedBytes)
            crc = Fold(crc, ref bytes);
        return ~Continue(crc, bytes);
    }

    /// <summary>Folds whole blocks of 64 bytes by carry-less multiplication (V. Gopal et al., "Fast CRC Computation for Generic
    /// Polynomials Using PCLMULQDQ Instruction", Intel 2009). The last fold leaves 16 bytes that have the CRC of all before them,
    /// and those the table finishes.</summary>
    /// <param name="crc">The state before.</param>
    /// <param name="bytes">At least 64; the rest that makes no whole block is left.</param>
    /// <returns>The state after the folded blocks.</returns>
    private static uint Fold(uint crc, ref ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector128<long>> blocks = MemoryMarshal.Cast<byte, Vector128<long>>(bytes);
        Vector128<long> a = blocks[0] ^ Vector128.CreateScalar((long)crc);
        Vector128<long> b = blocks[1], c = blocks[2], d = blocks[3];
        int i = 4;
        for (; i + 4 <= blocks.Length; i += 4)
        {
            a = Multiply(a, Over64Bytes) ^ blocks[i];
            b = Multiply(b, Over64Bytes) ^ blocks[i + 1];
            c = Multiply(c, Over64Bytes) ^ blocks[i + 2];
            d = Multiply(d, Over64Bytes) ^ blocks[i + 3];
        }
        b ^= Multiply(a, Over16Bytes);
        c ^= Multiply(b, Over16Bytes);
        d ^= Multiply(c, Over16Bytes);
        bytes = bytes[(i * 16)..];
        return Continue(0, MemoryMarshal.AsBytes(new ReadOnlySpan<Vector128<long>>(in d)));
    }

    private static Vector128<long> Multiply(Vector128<long> block, Vector128<long> factors) =>
        Pclmulqdq.CarrylessMultiply(block, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, factors, 0x11);

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
