using StreamScorer.Parquet.Compression;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Decompresses page bodies of any codec we know, after checking that the size claimed is possible.</summary>
internal static class PageDecompressor
{
    // The most a byte of compressed data can stand for: snappy copies 64 bytes by 3, deflate 258 by 2 bits.
    private const int SnappyRatio = 22;
    private const int DeflateRatio = 1_040;

    /// <summary>Appends <paramref name="length"/> bytes, decompressed, to <paramref name="target"/>.</summary>
    /// <exception cref="ParquetException">The data is damaged, of another length, or the codec is not supported.</exception>
    public static void Decompress(FileCodec codec, ReadOnlySpan<byte> source, int length, ByteBuffer target)
    {
        CheckRatio(codec, source.Length, length);
        Span<byte> output = target.GetSpan(length)[..length];
        switch (codec)
        {
            case FileCodec.Uncompressed:
                if (source.Length != length)
                    throw new ParquetException($"An uncompressed page of {source.Length} bytes claims {length}.");
                source.CopyTo(output);
                break;
            case FileCodec.Snappy:
                SnappyDecoder.Decompress(source, output);
                break;
            case FileCodec.Gzip:
                Gzip.Decompress(source, output);
                break;
            case FileCodec.Zstd:
                ZstdLibrary.Instance.Decompress(source, output);
                break;
            default:
                throw new ParquetException($"Compression codec {codec} is not supported.");
        }
        target.Advance(length);
    }

    private static void CheckRatio(FileCodec codec, int compressed, int length)
    {
        long most = codec switch
        {
            FileCodec.Snappy => (long)compressed * SnappyRatio,
            FileCodec.Gzip => (long)compressed * DeflateRatio,
            FileCodec.Uncompressed => compressed,
            _ => long.MaxValue,
        };
        if (length > most)
            throw new ParquetException($"{compressed} bytes of {codec} data cannot hold the {length} bytes of the page header.");
    }
}
