using StreamScorer.Parquet;
using StreamScorer.Parquet.Encodings;
using Xunit;

namespace StreamScorer.Tests.Parquet.Encodings;

public sealed class DeltaBinaryDecoderTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void NumbersComeBack(int seed)
    {
        var random = new Random(seed);
        int shift = random.Next(64);
        long[] values = [.. Enumerable.Range(0, random.Next(600))
            .Select(_ => random.NextInt64(long.MinValue, long.MaxValue) >> shift)];
        byte[] encoded = DeltaEncoder.Encode(values);
        var back = new long[values.Length];
        Assert.Equal(encoded.Length, DeltaBinaryDecoder.Decode(encoded, back));
        Assert.True(values.AsSpan().SequenceEqual(back), $"seed {seed}");
    }

    [Fact]
    public void TheFormatsExampleIsRead()
    {
        // Encodings.md: 1 to 5 with block size 8 is header 8, 1, 5, 1, then min delta 1 and width 0.
        byte[] encoded = [8, 1, 5, 2, 2, 0];
        var values = new long[5];
        DeltaBinaryDecoder.Decode(encoded, values);
        Assert.Equal([1, 2, 3, 4, 5], values);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 8, 1, 5 })]
    [InlineData(new byte[] { 8, 1, 4, 2, 2, 0 })]
    [InlineData(new byte[] { 8, 0, 5, 2, 2, 0 })]
    [InlineData(new byte[] { 0, 1, 5, 2, 2, 0 })]
    [InlineData(new byte[] { 12, 1, 5, 2, 2, 0 })]
    [InlineData(new byte[] { 8, 1, 5, 2, 2 })]
    [InlineData(new byte[] { 8, 1, 5, 2, 2, 65 })]
    [InlineData(new byte[] { 8, 1, 5, 2, 2, 8, 1, 2, 3 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x10, 1, 5, 2, 2, 0 })]
    public void MalformedDataIsRefused(byte[] encoded) =>
        Assert.Throws<ParquetException>(() => DeltaBinaryDecoder.Decode(encoded, new long[5]));
}
