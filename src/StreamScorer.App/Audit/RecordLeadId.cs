using System.Text.Json;

namespace StreamScorer.App.Audit;

/// <summary>
/// Which lead a record on the topic is about, read by the audit itself and not by the worker's decoder: the string
/// <c>leadId</c> of the JSON object (or of <c>data</c> in a CloudEvents envelope), else the record's key.
/// </summary>
internal static class RecordLeadId
{
    /// <summary>The lead id's UTF-8 bytes, unescaped; empty when neither the value nor the key names a lead.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        try
        {
            var found = FindInObject(value, depth: 0);
            return found.IsEmpty ? key : found;
        }
        catch (JsonException)
        {
            return key;
        }
    }

    private static ReadOnlySpan<byte> FindInObject(ReadOnlySpan<byte> json, int depth)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;
        var envelope = false;
        ReadOnlySpan<byte> data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isLeadId = reader.ValueTextEquals("leadId"u8);
            envelope |= reader.ValueTextEquals("specversion"u8);
            var isData = depth == 0 && reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isLeadId && reader.TokenType == JsonTokenType.String)
                return reader.ValueIsEscaped ? Unescaped(reader) : reader.ValueSpan;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isData)
                data = json[start..(int)reader.BytesConsumed];
        }

        return envelope && !data.IsEmpty ? FindInObject(data, depth + 1) : default;
    }

    private static byte[] Unescaped(Utf8JsonReader reader)
    {
        var text = new byte[reader.ValueSpan.Length];
        return text[..reader.CopyString(text)];
    }
}
