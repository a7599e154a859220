using System.Buffers.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>
/// Where a dead letter came from: the headers <c>__connect.errors.topic</c>, <c>.partition</c> and <c>.offset</c> or,
/// from brokers without headers, the fields of the envelope that the value then is.
/// </summary>
internal readonly record struct DeadLetterPosition(string Topic, int Partition, long Offset)
{
    private const string Prefix = "__connect.errors.";

    /// <summary>False when neither headers nor an envelope name a position: something else wrote this record.</summary>
    public static bool TryRead(Headers? headers, ReadOnlySpan<byte> value, out DeadLetterPosition position) =>
        TryReadHeaders(headers, out position) || TryReadEnvelope(value, out position);

    private static bool TryReadHeaders(Headers? headers, out DeadLetterPosition position)
    {
        position = default;
        if (headers is null
            || !headers.TryGetLastBytes(Prefix + "topic", out var topic)
            || !headers.TryGetLastBytes(Prefix + "partition", out var partition)
            || !headers.TryGetLastBytes(Prefix + "offset", out var offset)
            || !TryParse(partition, out var partitionNumber) || partitionNumber is < 0 or > int.MaxValue
            || !TryParse(offset, out var offsetNumber) || offsetNumber < 0)
            return false;
        position = new DeadLetterPosition(System.Text.Encoding.UTF8.GetString(topic), (int)partitionNumber, offsetNumber);
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> utf8, out long number) =>
        Utf8Parser.TryParse(utf8, out number, out var consumed) && consumed == utf8.Length;

    private static bool TryReadEnvelope(ReadOnlySpan<byte> value, out DeadLetterPosition position)
    {
        position = default;
        string? topic = null;
        int? partition = null;
        long? offset = null;
        var hasReason = false;
        try
        {
            var reader = new Utf8JsonReader(value);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                if (name == "topic" && reader.TokenType == JsonTokenType.String)
                    topic = reader.GetString();
                else if (name == "partition" && reader.TryGetInt32(out var partitionNumber))
                    partition = partitionNumber;
                else if (name == "offset" && reader.TryGetInt64(out var offsetNumber))
                    offset = offsetNumber;
                hasReason |= name == "reason";
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        if (!hasReason || topic is null || partition is not >= 0 || offset is not >= 0)
            return false;
        position = new DeadLetterPosition(topic, partition.Value, offset.Value);
        return true;
    }
}
