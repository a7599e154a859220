using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.Sinks;

namespace StreamScorer.App.DeadLetters;

/// <summary>What became of one letter.</summary>
/// <param name="Letter">The letter.</param>
/// <param name="Retried">Whether its event was published again.</param>
/// <param name="Words">Where it stands now, or why it was not published.</param>
internal sealed record RetryResult(DeadLetter Letter, bool Retried, string Words);

/// <summary>
/// Publishes the events of dead letters again, each once: to the topic and partition it came from, so that it stays with
/// its lead's other events. There it becomes its lead's newest event.
/// </summary>
internal sealed class DeadLetterRetry(StreamScorerOptions options, DeadLetterRetries retries) : IDisposable
{
    private readonly IProducer<byte[]?, byte[]?> _producer = Build(options.Kafka);

    /// <summary>Publishes one letter's event again, unless that was done before.</summary>
    /// <param name="letter">The letter.</param>
    /// <param name="again">Whatever was done before.</param>
    /// <param name="ct">Cancels before the event is published; not in the middle.</param>
    public async Task<RetryResult> RetryAsync(DeadLetter letter, bool again, CancellationToken ct)
    {
        if (letter.Source.Topic != options.Kafka.Topic)
            return new RetryResult(letter, false, $"its event came from {letter.Source.Topic}, not from {options.Kafka.Topic} (setting Kafka:Topic)");
        byte[]? value;
        try
        {
            value = letter.Quarantine is null ? letter.Value : ReadQuarantine(letter.Quarantine);
        }
        catch (IOException e)
        {
            return new RetryResult(letter, false, e.Message);
        }

        var permission = await retries.BeginAsync(letter.Source, Environment.UserName, again, ct);
        return permission switch
        {
            RetryPermission.Granted => await PublishAsync(letter, value),
            RetryPermission.AlreadyRetried => new RetryResult(letter, false, "retried before; once more with --again"),
            RetryPermission.OutcomeUnknown => new RetryResult(
                letter, false, "an earlier retry was cut off: its event may be on the topic already; look, then --again"),
            _ => new RetryResult(letter, false, "its event is a retry itself, which failed again; mend the producer, or --again"),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();

    private async Task<RetryResult> PublishAsync(DeadLetter letter, byte[]? value)
    {
        var message = new Message<byte[]?, byte[]?> { Key = letter.Key, Value = value };
        if (KafkaClientSettings.BrokerHasHeaders(options.Kafka))
            message.Headers = new Headers { { "streamscorer.retry-of", Encoding.UTF8.GetBytes(letter.Source.ToString()) } };
        try
        {
            var report = await _producer.ProduceAsync(new TopicPartition(letter.Source.Topic, letter.Source.Partition), message);
            await retries.EndAsync(letter.Source, report.Partition.Value, report.Offset.Value, CancellationToken.None);
            return new RetryResult(letter, true, string.Create(
                CultureInfo.InvariantCulture, $"published again as {letter.Source.Topic}[{report.Partition.Value}]@{report.Offset.Value}"));
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.DeliveryResult.Status == PersistenceStatus.NotPersisted)
        {
            await retries.AbandonAsync(letter.Source, CancellationToken.None);
            return new RetryResult(letter, false, $"Kafka refused it: {e.Error.Reason}");
        }
        catch (ProduceException<byte[]?, byte[]?> e)
        {
            return new RetryResult(letter, false, $"whether Kafka has it is not known: {e.Error.Reason}");
        }
    }

    private byte[] ReadQuarantine(QuarantinedValue note)
    {
        var path = Path.Combine(options.Checkpoint.Folder, note.File);
        var value = File.ReadAllBytes(path);
        return Convert.ToHexStringLower(SHA256.HashData(value)) == note.Sha256
            ? value
            : throw new IOException($"{path} is not what the letter says: its SHA-256 differs.");
    }

    private static IProducer<byte[]?, byte[]?> Build(KafkaOptions kafka)
    {
        var config = KafkaClientSettings.Producer(kafka);
        config.MessageTimeoutMs = 10_000;
        return new ProducerBuilder<byte[]?, byte[]?>(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }
}
