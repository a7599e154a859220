using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.Sinks;

namespace StreamScorer.App.DeadLetters;

/// <summary>Where a dead letter stands on the dead-letter topic; written <c>partition:offset</c>.</summary>
internal readonly record struct LetterId(int Partition, long Offset)
{
    /// <summary>Reads <c>partition:offset</c>, or an offset alone, which means partition 0.</summary>
    public static bool TryParse(string text, out LetterId id)
    {
        id = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var partition = 0;
        if (colon >= 0 && !int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out partition))
            return false;
        if (!long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return false;
        id = new LetterId(partition, offset);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}:{Offset}");
}

/// <summary>A value that was too big for the dead-letter topic and lies in a file instead.</summary>
/// <param name="LengthBytes">Length of the value.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
/// <param name="File">The file, below the checkpoint folder.</param>
internal sealed record QuarantinedValue(long LengthBytes, string Sha256, string File);

/// <summary>A record that could not be scored, with why, as the dead-letter topic has it.</summary>
internal sealed record DeadLetter
{
    private const string Prefix = "__connect.errors.";
    private const string QuarantinePrefix = "streamscorer.quarantine.";

    /// <summary>Where the letter stands.</summary>
    public required LetterId Id { get; init; }

    /// <summary>Where the bad event stands.</summary>
    public required EventPosition Source { get; init; }

    /// <summary>When the letter was written; null where the broker keeps no timestamps.</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>Name of the reason.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The reason in a sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>Where on the way the event failed.</summary>
    public string Stage { get; init; } = "";

    /// <summary>The event's key, byte for byte.</summary>
    public byte[]? Key { get; init; }

    /// <summary>The event's value, byte for byte; null when <see cref="Quarantine"/> has it.</summary>
    public byte[]? Value { get; init; }

    /// <summary>Set when the value lies in a file.</summary>
    public QuarantinedValue? Quarantine { get; init; }

    /// <summary>All headers of the letter, as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Reads a record of the dead-letter topic: headers, or the envelope of brokers without. Null: no dead letter.</summary>
    public static DeadLetter? Read(ConsumeResult<byte[]?, byte[]?> record)
    {
        var id = new LetterId(record.Partition.Value, record.Offset.Value);
        DateTimeOffset? at = record.Message.Timestamp.Type == TimestampType.NotAvailable
            ? null
            : new DateTimeOffset(record.Message.Timestamp.UtcDateTime);
        return FromHeaders(id, at, record.Message) ?? FromEnvelope(id, at, record.Message.Value);
    }

    private static DeadLetter? FromHeaders(LetterId id, DateTimeOffset? at, Message<byte[]?, byte[]?> message)
    {
        if (message.Headers is not { Count: > 0 } raw)
            return null;
        var headers = raw.Select(header => KeyValuePair.Create(header.Key, Encoding.UTF8.GetString(header.GetValueBytes() ?? []))).ToArray();
        string? Last(string name) => headers.LastOrDefault(header => header.Key == name).Value;
        if (Last(Prefix + "topic") is not { } topic
            || !int.TryParse(Last(Prefix + "partition"), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(Last(Prefix + "offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return null;
        return new DeadLetter
        {
            Id = id,
            Source = new EventPosition(topic, partition, offset),
            WrittenAt = at,
            Reason = Last(Prefix + "exception.class.name") ?? "",
            Message = Last(Prefix + "exception.message") ?? "",
            Stage = Last(Prefix + "stage") ?? "",
            Key = message.Key,
            Value = message.Value,
            Headers = headers,
            Quarantine = Last(QuarantinePrefix + "file") is { } file
                && long.TryParse(Last(QuarantinePrefix + "length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                    ? new QuarantinedValue(length, Last(QuarantinePrefix + "sha256") ?? "", file)
                    : null,
        };
    }

    private static DeadLetter? FromEnvelope(LetterId id, DateTimeOffset? at, byte[]? value)
    {
        try
        {
            var envelope = JsonSerializer.Deserialize<Envelope>(value, JsonSerializerOptions.Web);
            return envelope is { Reason: not null, Topic: not null, Partition: >= 0, Offset: >= 0 }
                ? new DeadLetter
                {
                    Id = id,
                    Source = new EventPosition(envelope.Topic, envelope.Partition.Value, envelope.Offset.Value),
                    WrittenAt = at,
                    Reason = envelope.Reason,
                    Message = envelope.Message ?? "",
                    Stage = envelope.Stage ?? "",
                    Key = envelope.Key,
                    Value = envelope.Value,
                    Quarantine = envelope.Quarantine is { } note ? new QuarantinedValue(note.Length, note.Sha256, note.File) : null,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a dead letter's value is where brokers have no headers; key and value are base64.</summary>
    private sealed record Envelope(
        string? Reason, string? Message, string? Stage, string? Topic, int? Partition, long? Offset, byte[]? Key, byte[]? Value,
        EnvelopeQuarantine? Quarantine);

    private sealed record EnvelopeQuarantine(long Length, string Sha256, string File);
}
