namespace StreamScorer.Features;

/// <summary>A run of bytes in a <see cref="Utf8Arena"/>: where it starts and how many bytes it has. Length -1 means null.</summary>
public readonly record struct Utf8Slice(int Start, int Length)
{
    /// <summary>The absent text, which is not the empty text.</summary>
    public static readonly Utf8Slice Null = new(0, -1);

    /// <summary>Whether there is no text at all.</summary>
    public bool IsNull => Length < 0;
}
