using System.Globalization;
using System.Text;

namespace StreamScorer.App.DeadLetters;

/// <summary>Bytes for a person: as text where they are text, else as a hexadecimal dump.</summary>
internal static class BytesText
{
    private const int BytesPerLine = 16;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole text, or a dump of at most <paramref name="mostBytes"/> bytes.</summary>
    public static string Describe(byte[]? bytes, int mostBytes)
    {
        if (bytes is null)
            return "(null)";
        if (bytes.Length == 0)
            return "(empty)";
        return TryText(bytes, mostBytes) ?? Dump(bytes, mostBytes);
    }

    private static string? TryText(byte[] bytes, int mostBytes)
    {
        try
        {
            var text = Strict.GetString(bytes);
            // Control characters could write over the terminal.
            if (text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')))
                return null;
            return text.Length <= mostBytes
                ? text
                : string.Create(CultureInfo.InvariantCulture, $"{text[..mostBytes]} ... ({bytes.Length} bytes in all)");
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Dump(byte[] bytes, int mostBytes)
    {
        var dump = new StringBuilder();
        var shown = Math.Min(bytes.Length, mostBytes);
        for (var start = 0; start < shown; start += BytesPerLine)
        {
            var line = bytes.AsSpan(start, Math.Min(BytesPerLine, shown - start));
            dump.Append(CultureInfo.InvariantCulture, $"{start:x8}  ");
            foreach (var one in line)
                dump.Append(CultureInfo.InvariantCulture, $"{one:x2} ");
            dump.Append(' ', (BytesPerLine - line.Length) * 3 + 1);
            foreach (var one in line)
                dump.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
            dump.AppendLine();
        }

        if (shown < bytes.Length)
            dump.AppendLine(CultureInfo.InvariantCulture, $"... ({bytes.Length} bytes in all)");
        return dump.ToString().TrimEnd();
    }
}
