using Confluent.Kafka;
using StreamScorer.Consumer;

namespace StreamScorer.Training.Replay;

/// <summary>
/// A producer that counts confirmations: a message is delivered when the broker says so, and the first refusal ends the
/// work. One request in flight per broker, so that a retry never overtakes a later event of the same lead.
/// </summary>
internal sealed class ConfirmedProducer : IDisposable
{
    private static readonly TimeSpan MetadataPatience = TimeSpan.FromSeconds(10);

    private readonly KafkaOptions _kafka;
    private readonly IProducer<byte[], byte[]> _producer;
    private Error? _failure;
    private string _lastClientError = "no answer";

    public ConfirmedProducer(KafkaOptions kafka)
    {
        _kafka = kafka;
        var config = KafkaClientSettings.Producer(kafka);
        config.DeliveryReportFields = "none";
        config.MessageTimeoutMs ??= 60_000;
        if (!kafka.Properties.ContainsKey("max.in.flight"))
            config.MaxInFlight = 1;
        _producer = new ProducerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => _lastClientError = error.Reason)
            .SetLogHandler((_, _) => { })
            .Build();
    }

    /// <summary>Checks that a broker answers and knows the topic.</summary>
    /// <exception cref="ReplayException">It does not; the message names the address, the setting and the remedy.</exception>
    public void CheckTopic(string topic)
    {
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        try
        {
            var found = admin.GetMetadata(topic, MetadataPatience).Topics.SingleOrDefault(t => t.Topic == topic);
            if (found is null || found.Error.IsError || found.Partitions.Count == 0)
                throw new ReplayException(
                    $"The topic {topic} does not exist at {_kafka.BootstrapServers}. Create it (streamscorer up creates user-events "
                    + $"on the local broker; elsewhere: kafka-topics.sh --bootstrap-server {_kafka.BootstrapServers} --create "
                    + $"--topic {topic} --partitions 8).", false, 0);
        }
        catch (KafkaException exception)
        {
            throw new ReplayException(
                $"No Kafka broker answers at {_kafka.BootstrapServers} ({_lastClientError}; {exception.Error.Reason}). Start one "
                + "(streamscorer up) or set --bootstrap or Kafka:BootstrapServers.", true, 0);
        }
    }

    /// <summary>Hands a message to the client, waiting while its queue is full.</summary>
    /// <exception cref="ReplayException">A message was refused before.</exception>
    public async ValueTask SendAsync(string topic, Message<byte[], byte[]> message, DeliveryCount count, CancellationToken ct)
    {
        while (true)
        {
            ThrowIfRefused(topic, count);
            try
            {
                _producer.Produce(topic, message, count.Handler);
                count.Sent++;
                return;
            }
            catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until everything handed over is confirmed.</summary>
    /// <exception cref="ReplayException">A message was refused.</exception>
    /// <exception cref="OperationCanceledException">Stopped first; what is under way may still be confirmed.</exception>
    public async Task ConfirmAsync(string topic, DeliveryCount count, CancellationToken ct)
    {
        await Task.Run(() => _producer.Flush(ct), ct).ConfigureAwait(false);
        ThrowIfRefused(topic, count);
    }

    public DeliveryCount NewCount() => new(error => _failure ??= error);

    public void Dispose() => _producer.Dispose();

    private void ThrowIfRefused(string topic, DeliveryCount count)
    {
        if (_failure is { } failure)
            throw new ReplayException(
                $"{topic}: a record was not delivered ({failure.Reason}; {_lastClientError}). {count.Delivered} were.",
                failure.IsLocalError, count.Delivered);
    }
}

/// <summary>Sent and confirmed messages of one kind. The client may confirm on two threads at once.</summary>
internal sealed class DeliveryCount
{
    private long _delivered;

    public DeliveryCount(Action<Error> refused) => Handler = report =>
    {
        if (report.Error.IsError)
            refused(report.Error);
        else
            Interlocked.Increment(ref _delivered);
    };

    /// <summary>For the client.</summary>
    public Action<DeliveryReport<byte[], byte[]>> Handler { get; }

    /// <summary>Messages handed over; written by one thread.</summary>
    public long Sent { get; set; }

    /// <summary>Messages confirmed.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);
}
