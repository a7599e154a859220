using System.Globalization;
using System.Text;
using StreamScorer.Parquet.Compression;

namespace StreamScorer.Parquet.Format;

/// <summary>The format has checksums for pages but none for the footer, where a flipped bit could turn one value into another in
/// silence. So footers we write carry their own: eight hexadecimal digits of metadata, computed with zeros in their place. Other
/// readers take it for metadata like any other.</summary>
internal static class FooterChecksum
{
    public const string Key = "streamscorer.footer.crc32";

    /// <summary>What stands in the digits' place while the checksum is computed.</summary>
    public const string Placeholder = "00000000";

    // As serialised: the key, then field 2 of the structure (a binary) and its length.
    private static readonly byte[] Mark = [.. Encoding.ASCII.GetBytes(Key), 0x18, (byte)Placeholder.Length];

    /// <summary>Puts the checksum in the placeholder's place.</summary>
    public static void Fill(Span<byte> footer)
    {
        int digits = footer.LastIndexOf(Mark) + Mark.Length;
        string checksum = Crc32.Compute(footer).ToString("x8", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(checksum, footer.Slice(digits, Placeholder.Length));
    }

    /// <summary>Whether a footer carries a checksum.</summary>
    public static bool IsIn(ReadOnlySpan<byte> footer) => footer.LastIndexOf(Mark) >= 0;

    /// <summary>Checks a footer that one of our writers made.</summary>
    /// <exception cref="ParquetException">The checksum is missing or not the footer's.</exception>
    public static void Check(byte[] footer)
    {
        int mark = footer.AsSpan().LastIndexOf(Mark);
        if (mark < 0 || footer.Length - mark - Mark.Length < Placeholder.Length)
            throw new ParquetException("The footer's checksum is missing: the footer is damaged.");
        Span<byte> digits = footer.AsSpan(mark + Mark.Length, Placeholder.Length);
        string claimed = Encoding.ASCII.GetString(digits);
        Encoding.ASCII.GetBytes(Placeholder, digits);
        string found = Crc32.Compute(footer).ToString("x8", CultureInfo.InvariantCulture);
        if (found != claimed)
            throw new ParquetException("The footer does not match its checksum: it is damaged.");
    }
}
