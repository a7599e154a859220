namespace StreamScorer.Features;

/// <summary>The bounds within which a record is read at all.</summary>
public sealed record EventDecoderOptions
{
    /// <summary>Longest value in bytes; a longer one is bad before it is read. Default 1 MiB.</summary>
    public int MaxValueBytes { get; init; } = 1024 * 1024;

    /// <summary>Deepest nesting of arrays and objects, the event itself counted. At most 64, which is the default.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Most characters (Unicode scalar values) of a lead id. Default 128.</summary>
    public int MaxLeadIdChars { get; init; } = 128;
}
