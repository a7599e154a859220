namespace StreamScorer.Features;

/// <summary>A text inside a larger buffer: whoever knows the buffer may read whole vectors beyond the text's end.</summary>
internal readonly ref struct Utf8Text(ReadOnlySpan<byte> buffer, int start, int length)
{
    /// <summary>The buffer that the text stands in.</summary>
    public readonly ReadOnlySpan<byte> Buffer = buffer;

    /// <summary>Where in it the text starts.</summary>
    public readonly int Start = start;

    /// <summary>Bytes of the text.</summary>
    public readonly int Length = length;

    /// <summary>The text alone.</summary>
    public ReadOnlySpan<byte> Span => Buffer.Slice(Start, Length);

    /// <summary>A text that is its own buffer.</summary>
    public static Utf8Text Whole(ReadOnlySpan<byte> text) => new(text, 0, text.Length);
}
