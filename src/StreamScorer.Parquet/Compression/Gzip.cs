using System.IO.Compression;

namespace StreamScorer.Parquet.Compression;

/// <summary>Gzip members by the framework's zlib.</summary>
internal static class Gzip
{
    // Level 1 leaves Huffman codes fixed and so finds nothing to save in hexadecimal ids; on score rows level 2 gives files 30 %
    // smaller for half as much time again, and the levels above it another 1 %.
    private static readonly ZLibCompressionOptions Level = new() { CompressionLevel = 2 };

    /// <summary>Appends <paramref name="source"/>, compressed as one member.</summary>
    public static void Compress(ReadOnlySpan<byte> source, ByteBuffer target)
    {
        using var gzip = new GZipStream(new BufferStream(target), Level);
        gzip.Write(source);
    }

    /// <summary>Decompresses all of <paramref name="source"/> into exactly the bytes of <paramref name="target"/>.</summary>
    /// <exception cref="ParquetException">The bytes are no gzip, or hold more or fewer than the target takes.</exception>
    public static unsafe void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* start = source)
        {
            using var compressed = new UnmanagedMemoryStream(start, source.Length);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
            try
            {
                int read = gzip.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
                if (read != target.Length || gzip.ReadByte() >= 0)
                    throw new ParquetException($"The gzip data does not hold the {target.Length} bytes of the page header.");
            }
            catch (InvalidDataException e)
            {
                throw new ParquetException($"The gzip data is damaged: {e.Message}", e);
            }
        }
    }
}
