using StreamScorer.Parquet;
using StreamScorer.Parquet.Encodings;
using Xunit;

namespace StreamScorer.Tests.Parquet.Encodings;

public sealed class RleTests
{
    public static TheoryData<int> Widths => [.. Enumerable.Range(1, 32)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void NumbersComeBackAtEveryWidth(int width)
    {
        var random = new Random(width);
        for (int round = 0; round < 60; round++)
        {
            int[] values = RandomValues(random, random.Next(1, 400), width);
            var output = new ByteBuffer();
            RleEncoder.Encode(values, width, output);
            var back = new int[values.Length];
            RleDecoder.Decode(output.Written, width, back);
            Assert.True(values.AsSpan().SequenceEqual(back), $"seed {width}, round {round}");
        }
    }

    [Fact]
    public void LevelsComeBack()
    {
        const int seed = 3;
        var random = new Random(seed);
        for (int round = 0; round < 400; round++)
        {
            byte[] levels = [.. RandomValues(random, random.Next(1, 300), 1).Select(v => (byte)v)];
            var output = new ByteBuffer();
            RleEncoder.EncodeLevels(levels, output);
            var back = new byte[levels.Length];
            int present = RleDecoder.DecodeLevels(output.Written, back);
            Assert.True(levels.AsSpan().SequenceEqual(back), $"seed {seed}, round {round}");
            Assert.Equal(levels.Count(level => level == 1), present);
        }
    }

    [Fact]
    public void TheFormatsExampleOfBitPackingIsRead()
    {
        // Encodings.md: the numbers 0 to 7 at width 3 are 10001000 11000110 11111010.
        byte[] encoded = [(1 << 1) | 1, 0b10001000, 0b11000110, 0b11111010];
        var values = new int[8];
        RleDecoder.Decode(encoded, 3, values);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], values);
    }

    [Fact]
    public void WidthZeroNeedsNoBytes()
    {
        var values = new int[] { 7, 7, 7 };
        RleDecoder.Decode([3 << 1], 0, values);
        Assert.Equal([0, 0, 0], values);
    }

    [Theory]
    [InlineData(new byte[] { }, 3)]
    [InlineData(new byte[] { 0 }, 3)]
    [InlineData(new byte[] { 1 }, 3)]
    [InlineData(new byte[] { 8 << 1 }, 3)]
    [InlineData(new byte[] { 8 << 1, 8 }, 3)]
    [InlineData(new byte[] { 3, 1, 2 }, 3)]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 }, 3)]
    public void MalformedRunsAreRefused(byte[] encoded, int width) =>
        Assert.Throws<ParquetException>(() => RleDecoder.Decode(encoded, width, new int[8]));

    private static int[] RandomValues(Random random, int count, int width)
    {
        var values = new int[count];
        for (int i = 0; i < count;)
        {
            int run = random.Next(2) == 0 ? 1 : random.Next(1, 40);
            int value = (int)(random.NextInt64(1L << 32) & ((1L << width) - 1));
            for (int end = Math.Min(count, i + run); i < end; i++)
                values[i] = value;
        }
        return values;
    }
}
