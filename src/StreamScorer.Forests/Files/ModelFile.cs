using System.Security.Cryptography;

namespace StreamScorer.Forests;

/// <summary>
/// Layout of a model file, little-endian: 8 bytes magic, format version (4 bytes), body, SHA-256 of all before (32 bytes).
/// The body holds, in this order: model (name, bucket edges), schema, members (settings, calibration, trees), calibration,
/// baseline. Whole numbers are LEB128, texts UTF-8 with their length before them, doubles their 8 bytes.
/// </summary>
/// <remarks>
/// Readers accept every released version; a change of layout raises <see cref="Version"/> and keeps the old reader.
/// </remarks>
internal static class ModelFile
{
    public const int Version = 1;
    public const int HashBytes = SHA256.HashSizeInBytes;
    public const int HeaderBytes = 12;

    // A tree deeper or a file larger than any training run makes is hostile or damaged.
    public const int MostDepth = 4096;
    public const int MostMembers = 16;

    public static ReadOnlySpan<byte> Magic => "SSFOREST"u8;

    public static string IdOf(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));
}

/// <summary>First byte of a tree node in the file; nodes stand in pre-order, so the structure needs no indices.</summary>
[Flags]
internal enum NodeMark : byte
{
    Leaf = 0,
    Threshold = 1,
    Set = 2,
    MissingLeft = 4,
}
