namespace StreamScorer.Parquet.Encodings;

/// <summary>BYTE_STREAM_SPLIT: all first bytes of the values, then all second bytes, and so on.</summary>
internal static class ByteStreamSplit
{
    /// <summary>Puts the bytes of each value together again.</summary>
    /// <param name="split">The streams, one after the other.</param>
    /// <param name="width">Bytes per value.</param>
    /// <param name="joined">Gets the values; as long as the streams together.</param>
    /// <exception cref="ParquetException">The streams do not have that length.</exception>
    public static void Join(ReadOnlySpan<byte> split, int width, Span<byte> joined)
    {
        if (split.Length != joined.Length)
            throw new ParquetException($"Byte streams of {split.Length} bytes cannot hold values of {joined.Length} bytes.");
        int count = joined.Length / width;
        for (int k = 0; k < width; k++)
        {
            ReadOnlySpan<byte> stream = split.Slice(k * count, count);
            for (int i = 0; i < stream.Length; i++)
                joined[(i * width) + k] = stream[i];
        }
    }
}
