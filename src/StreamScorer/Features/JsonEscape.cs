using System.Globalization;
using System.Text;

namespace StreamScorer.Features;

/// <summary>The escapes of JSON strings (RFC 8259 section 7).</summary>
internal static class JsonEscape
{
    /// <summary>How many bytes the escape at the start of <paramref name="json"/> has (2 or 6); 0 where it is none.</summary>
    public static int Length(ReadOnlySpan<byte> json)
    {
        if (json.Length < 2)
            return 0;
        switch (json[1])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return 2;
            case (byte)'u' when json.Length >= 6:
                for (var i = 2; i < 6; i++)
                    if (!char.IsAsciiHexDigit((char)json[i]))
                        return 0;
                return 6;
            default:
                return 0;
        }
    }

    /// <summary>
    /// Writes the text that <paramref name="raw"/>, the content of a grammatical JSON string, stands for.
    /// </summary>
    /// <param name="raw">What stands between the quotes.</param>
    /// <param name="text">Room for at least as many bytes as <paramref name="raw"/> has: text is never longer than its escape.</param>
    /// <returns>Bytes written; -1 where half a surrogate pair stands alone, which no UTF-8 can express.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> text)
    {
        var written = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            var run = plain < 0 ? raw : raw[..plain];
            run.CopyTo(text[written..]);
            written += run.Length;
            if (plain < 0)
                return written;
            raw = raw[plain..];
            if (raw[1] == 'u')
            {
                if (!TryDecodeRune(ref raw, out var rune))
                    return -1;
                written += rune.EncodeToUtf8(text[written..]);
            }
            else
            {
                text[written++] = Short(raw[1]);
                raw = raw[2..];
            }
        }
    }

    private static bool TryDecodeRune(ref ReadOnlySpan<byte> raw, out Rune rune)
    {
        var first = Hex(raw[2..6]);
        raw = raw[6..];
        if (Rune.TryCreate(first, out rune))
            return true;
        if (!char.IsHighSurrogate(first) || raw.Length < 6 || raw[0] != '\\' || raw[1] != 'u')
            return false;
        var second = Hex(raw[2..6]);
        raw = raw[6..];
        return Rune.TryCreate(first, second, out rune);
    }

    private static char Hex(ReadOnlySpan<byte> digits) =>
        (char)ushort.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static byte Short(byte letter) => letter switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => letter,
    };
}
