using System.Threading.Channels;
using Confluent.Kafka;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// Finds out whether Kafka is away. The consumer's errors speak of single connections, which come and go while a cluster
/// is well, and on a quiet topic nothing says that it is back. So an error is a suspicion only: then this asks for the
/// topic's metadata until there is an answer, and <see cref="OutageRetry"/> tells the outage like any other.
/// </summary>
public sealed class BrokerWatch : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly KafkaOptions _options;
    private readonly OutageRetry _retry;
    private readonly IAdminClient _admin;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    // One is enough: what is suspected while an outage lasts is answered by its end.
    private readonly Channel<string> _suspicions = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Starts watching; nothing is contacted before the first suspicion.</summary>
    public BrokerWatch(KafkaOptions options, OutageRetry retry)
    {
        (_options, _retry) = (options, retry);
        var config = KafkaClientSettings.Admin(options);
        // Its only work is to see that a broker is back: it knocks more often than a client that has work to lose.
        config.ReconnectBackoffMaxMs = 500;
        _admin = new AdminClientBuilder(config)
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _running = Task.Run(() => WatchAsync(_stop.Token));
    }

    /// <summary>The client met an error that may mean an outage; called from any thread, never waits.</summary>
    public void Suspect(string reason) => _suspicions.Writer.TryWrite(reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        _admin.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        await foreach (var reason in _suspicions.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            await _retry.RunAsync(Readiness.Kafka, _ => BlockingCall.RunAsync(() => Ask(reason), ct), ct).ConfigureAwait(false);
    }

    /// <exception cref="KafkaException">Transient: no broker answers, or the topic is not there.</exception>
    private void Ask(string reason)
    {
        TopicMetadata? topic;
        try
        {
            topic = _admin.GetMetadata(_options.Topic, Timeout).Topics.FirstOrDefault();
        }
        catch (KafkaException)
        {
            // What the consumer met says more than that nobody answers.
            throw new KafkaException(new Error(ErrorCode.Local_AllBrokersDown, reason));
        }

        if (topic is null || topic.Error.Code == ErrorCode.UnknownTopicOrPart || topic.Partitions.Count == 0)
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"topic {_options.Topic} does not exist on {_options.BootstrapServers}"));
    }
}
