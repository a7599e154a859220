using StreamScorer.Parquet.Compression;
using Xunit;

namespace StreamScorer.Tests.Parquet.Compression;

public sealed class Crc32Tests
{
    [Fact]
    public void TheCheckValueOfTheCatalogueComesOut() => Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));

    [Fact]
    public void EveryLengthAgreesWithBitByBitComputation()
    {
        const int seed = 20_260_101;
        var random = new Random(seed);
        for (int length = 0; length < 700; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.True(BitByBit(bytes) == Crc32.Compute(bytes), $"seed {seed}, length {length}");
        }
    }

    private static uint BitByBit(byte[] bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320u;
        }
        return ~crc;
    }
}
