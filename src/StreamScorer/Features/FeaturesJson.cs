using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamScorer.Features;

/// <summary>Writes the features of the event that a reader has just read, for <c>hot_leads.features</c>.</summary>
internal static class FeaturesJson
{
    /// <summary>Appends one object; empty where <paramref name="read"/> is false.</summary>
    /// <param name="reader">Knows where in <paramref name="json"/> each feature's value stands.</param>
    /// <param name="read">Whether the reader read a good event.</param>
    /// <param name="json">The event's bytes, an envelope taken off.</param>
    /// <param name="row">The event's feature row, before ages are set.</param>
    /// <param name="output">Receives UTF-8.</param>
    public static void Append(
        EventReader reader, bool read, ReadOnlySpan<byte> json, ReadOnlySpan<double> row, IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        var first = true;
        for (var i = 0; read && i < reader.Columns.Length; i++)
        {
            if (!reader.Has(i))
                continue;
            if (!first)
                output.Write(","u8);
            first = false;
            var column = reader.Columns[i];
            output.Write(column.JsonName);
            AppendValue(reader, json[reader.ValueOf(i)], row[i], output);
        }

        output.Write("}"u8);
    }

    private static void AppendValue(
        EventReader reader, ReadOnlySpan<byte> token, double value, IBufferWriter<byte> output)
    {
        if (double.IsNaN(value))
            output.Write("null"u8);
        else if (token[0] == '"' && token.Contains((byte)'\\'))
            AppendUnescaped(reader, token[1..^1], output);
        else if (IsUnusualNumber(token))
            AppendNumber(token, output);
        else
            output.Write(token);
    }

    // jsonb refuses U+0000 even as an escape; an escaped text is rare enough to be written anew by the framework.
    private static void AppendUnescaped(EventReader reader, ReadOnlySpan<byte> raw, IBufferWriter<byte> output)
    {
        reader.Texts.TryGet(raw, true, out var text);
        var clean = Encoding.UTF8.GetString(text).Replace('\0', '\uFFFD');
        output.Write("\""u8);
        output.Write(JsonEncodedText.Encode(clean, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        output.Write("\""u8);
    }

    // PostgreSQL's numeric refuses thousands of digits, and exponents that a double rounds to 0.
    private static bool IsUnusualNumber(ReadOnlySpan<byte> token) =>
        (token[0] == '-' || char.IsAsciiDigit((char)token[0])) && (token.Length > 24 || token.IndexOfAny("eE"u8) >= 0);

    private static void AppendNumber(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        JsonNumber.Read(token, out var value);
        value.TryFormat(output.GetSpan(32), out var written, "R", CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
