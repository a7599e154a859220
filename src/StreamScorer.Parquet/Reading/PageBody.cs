namespace StreamScorer.Parquet.Reading;

/// <summary>The decompressed values of a page, as a place in a buffer: byte strings stay there, numbers are copied out.</summary>
internal readonly record struct PageBody(ByteBuffer Buffer, int Start, int Length)
{
    /// <summary>The bytes, valid until the buffer grows.</summary>
    public ReadOnlySpan<byte> Bytes => Buffer.Slice(Start, Length);
}
