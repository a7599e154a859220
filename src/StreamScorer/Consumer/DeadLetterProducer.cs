using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.Parquet;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// Writes records that can never be scored to the dead-letter topic: key and value byte for byte, position and reason
/// in headers named as Kafka Connect names them (KIP-298). A broker below 0.11 has no headers; there the value is a JSON
/// envelope. A value that the topic refuses for its size goes whole to a quarantine file, and the letter carries its
/// length, SHA-256 and position instead.
/// </summary>
public sealed class DeadLetterProducer : IDeadLetterTopic, IDisposable
{
    private readonly string _topic;
    private readonly bool _hasHeaders;
    private readonly string _quarantineFolder;
    private readonly OutageRetry _retry;
    private readonly IProducer<byte[]?, byte[]?> _producer;

    /// <summary>Builds the client; nothing is contacted before the first letter.</summary>
    public DeadLetterProducer(KafkaOptions options, string quarantineFolder, OutageRetry retry)
    {
        _topic = options.EffectiveDeadLetterTopic;
        _hasHeaders = KafkaClientSettings.BrokerHasHeaders(options);
        _quarantineFolder = quarantineFolder;
        _retry = retry;
        var config = KafkaClientSettings.Producer(options);
        // Short, so that an outage is seen and told; OutageRetry sends again.
        config.MessageTimeoutMs = 10_000;
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>
    /// Sends the letter and completes once the broker acknowledged it; tried again while the broker is away. The bytes
    /// are copied before the first await.
    /// </summary>
    public Task SendAsync(MicroBatch batch, in BadRecord bad, CancellationToken ct)
    {
        var lease = batch.Leases[bad.Record];
        var position = new TopicPartitionOffset(lease.Partition, batch.Offsets[bad.Record]);
        return SendAsync(position, Copy(batch, batch.Keys[bad.Record]), Copy(batch, batch.Values[bad.Record]), bad, ct);
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    private static byte[]? Copy(MicroBatch batch, Features.Utf8Slice slice) =>
        slice.IsNull ? null : batch.Payload.Get(slice).ToArray();

    private async Task SendAsync(TopicPartitionOffset position, byte[]? key, byte[]? value, BadRecord bad, CancellationToken ct)
    {
        var message = _hasHeaders
            ? new Message<byte[]?, byte[]?> { Key = key!, Value = value!, Headers = Headers(position, bad) }
            : new Message<byte[]?, byte[]?> { Key = key!, Value = Envelope(position, key, value, bad, null) };
        try
        {
            await ProduceAsync(message, ct).ConfigureAwait(false);
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            await ProduceAsync(Quarantined(position, key, value ?? [], bad), ct).ConfigureAwait(false);
        }
    }

    private Task<DeliveryResult<byte[]?, byte[]?>> ProduceAsync(Message<byte[]?, byte[]?> message, CancellationToken ct) =>
        _retry.RunAsync(Readiness.Kafka, token => _producer.ProduceAsync(_topic, message, token), ct);

    private Message<byte[]?, byte[]?> Quarantined(TopicPartitionOffset position, byte[]? key, byte[] value, BadRecord bad)
    {
        Directory.CreateDirectory(_quarantineFolder);
        var name = $"{position.Topic}-{position.Partition.Value}-{position.Offset.Value}.value";
        var path = Path.Combine(_quarantineFolder, name);
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write))
        {
            file.Write(value);
            file.Flush(flushToDisk: true);
        }

        DurableFile.SyncDirectory(_quarantineFolder);
        var note = new Quarantine(value.Length, Convert.ToHexStringLower(SHA256.HashData(value)), "quarantine/" + name);
        if (!_hasHeaders)
            return new() { Key = SmallKey(key)!, Value = Envelope(position, SmallKey(key), null, bad, note) };
        var headers = Headers(position, bad);
        headers.Add("streamscorer.quarantine.length", Encoding.UTF8.GetBytes(note.LengthBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        headers.Add("streamscorer.quarantine.sha256", Encoding.UTF8.GetBytes(note.Sha256));
        headers.Add("streamscorer.quarantine.file", Encoding.UTF8.GetBytes(note.File));
        return new() { Key = SmallKey(key)!, Value = null, Headers = headers };
    }

    /// <summary>A key that alone exceeds what topics allow by default is left out of the letter.</summary>
    private static byte[]? SmallKey(byte[]? key) => key is { Length: > 512 * 1024 } ? null : key;

    private static Headers Headers(TopicPartitionOffset position, BadRecord bad) => new()
    {
        { "__connect.errors.topic", Encoding.UTF8.GetBytes(position.Topic) },
        { "__connect.errors.partition", Encoding.UTF8.GetBytes(FormattableString.Invariant($"{position.Partition.Value}")) },
        { "__connect.errors.offset", Encoding.UTF8.GetBytes(FormattableString.Invariant($"{position.Offset.Value}")) },
        { "__connect.errors.stage", Encoding.UTF8.GetBytes(bad.Stage) },
        { "__connect.errors.exception.class.name", Encoding.UTF8.GetBytes(bad.Reason) },
        { "__connect.errors.exception.message", Encoding.UTF8.GetBytes(bad.Message) },
    };

    /// <summary>The envelope of DESIGN: reason and position in clear, key and value whole.</summary>
    private static byte[] Envelope(TopicPartitionOffset position, byte[]? key, byte[]? value, BadRecord bad, Quarantine? quarantine)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("reason", bad.Reason);
            json.WriteString("message", bad.Message);
            json.WriteString("stage", bad.Stage);
            json.WriteString("topic", position.Topic);
            json.WriteNumber("partition", position.Partition.Value);
            json.WriteNumber("offset", position.Offset.Value);
            WriteBytes(json, "key", key);
            WriteBytes(json, "value", value);
            if (quarantine is not null)
            {
                json.WriteStartObject("quarantine");
                json.WriteNumber("length", quarantine.LengthBytes);
                json.WriteString("sha256", quarantine.Sha256);
                json.WriteString("file", quarantine.File);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteBytes(Utf8JsonWriter json, string name, byte[]? bytes)
    {
        if (bytes is null)
            json.WriteNull(name);
        else
            json.WriteBase64String(name, bytes);
    }

    private sealed record Quarantine(int LengthBytes, string Sha256, string File);
}
