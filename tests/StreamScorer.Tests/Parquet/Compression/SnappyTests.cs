using System.Text;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Compression;
using Xunit;

namespace StreamScorer.Tests.Parquet.Compression;

public sealed class SnappyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void BytesComeBack(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = RandomBytes(random, random.Next(3) == 0 ? random.Next(40) : random.Next(300_000));
        byte[] compressed = Compress(bytes);
        var back = new byte[bytes.Length];
        SnappyDecoder.Decompress(compressed, back);
        Assert.True(bytes.AsSpan().SequenceEqual(back), $"seed {seed}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void DamagedDataIsRefusedOrHarmless(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = RandomBytes(random, random.Next(1, 3_000));
        byte[] compressed = Compress(bytes);
        var back = new byte[bytes.Length];
        for (int i = 0; i < 2_000; i++)
        {
            byte[] damaged = [.. compressed.AsSpan(0, random.Next(3) == 0 ? random.Next(compressed.Length) : compressed.Length)];
            for (int flips = random.Next(4); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                SnappyDecoder.Decompress(damaged, back);
            }
            catch (ParquetException)
            {
                // Refusal is one of the two right answers; other bytes of the right length are the other.
            }
        }
    }

    [Fact]
    public void TheFormatsExamplesAreRead()
    {
        // From the format's description: a literal, then a copy that overlaps its own output.
        byte[] compressed = [8, (2 - 1) << 2, (byte)'a', (byte)'b', ((6 - 1) << 2) | 2, 2, 0];
        var back = new byte[8];
        SnappyDecoder.Decompress(compressed, back);
        Assert.Equal("abababab", Encoding.ASCII.GetString(back));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 8 })]
    [InlineData(new byte[] { 9, 28, 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData(new byte[] { 8, 29, 1 })]
    [InlineData(new byte[] { 8, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 8, 0, 1, (6 << 2) | 2, 9, 0 })]
    [InlineData(new byte[] { 8, 0, 1, (6 << 2) | 2, 0, 0 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public void MalformedDataIsRefused(byte[] compressed) =>
        Assert.Throws<ParquetException>(() => SnappyDecoder.Decompress(compressed, new byte[8]));

    private static byte[] Compress(byte[] bytes)
    {
        var target = new byte[SnappyEncoder.MaxCompressedLength(bytes.Length)];
        int written = new SnappyEncoder().Compress(bytes, target);
        return target[..written];
    }

    // Stretches of noise, of few letters and of repetition, so that literals and copies of all sizes occur.
    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        for (int from = 0; from < length;)
        {
            int stretch = Math.Min(length - from, random.Next(1, 1 << random.Next(1, 18)));
            Span<byte> part = bytes.AsSpan(from, stretch);
            int kind = random.Next(4);
            if (kind == 0)
                random.NextBytes(part);
            else if (kind == 1)
                part.Fill((byte)random.Next(256));
            else if (kind == 2 && from > 0)
                Repeat(bytes, from, stretch, random.Next(1, Math.Min(from, 100_000) + 1));
            else
                random.GetItems("0123456789abcdef"u8, part);
            from += stretch;
        }
        return bytes;
    }

    private static void Repeat(byte[] bytes, int from, int count, int distance)
    {
        for (int i = from; i < from + count; i++)
            bytes[i] = bytes[i - distance];
    }
}
