using System.Diagnostics;
using Confluent.Kafka;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Soak;

/// <summary>
/// Publishes at a steady rate whatever happens to the broker: what it does not take at once waits in the client, up to
/// the client's bound, and goes out when it is back. Each message counts once the broker has confirmed it.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(60);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private readonly int _eventsPerSecond;
    private readonly EventMix _mix;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _sent;
    private long _confirmed;
    private long _refused;

    private SteadyLoad(KafkaAddress kafka, string topic, int eventsPerSecond, EventMix mix)
    {
        (_topic, _eventsPerSecond, _mix) = (topic, eventsPerSecond, mix);
        var config = kafka.Apply(new ProducerConfig
        {
            Acks = Acks.All,
            LingerMs = 5,
            // A retry of one batch must not overtake the next: the newest event of a lead stays the newest.
            MaxInFlight = 1,
            DeliveryReportFields = "none",
            QueueBufferingMaxMessages = 2_000_000,
            QueueBufferingMaxKbytes = 512 * 1024,
            Partitioner = Partitioner.Murmur2Random,
        });
        _producer = new ProducerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        _running = Task.Run(RunAsync);
    }

    /// <summary>Messages handed to the client.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages that the broker has confirmed. One whose confirmation was lost may stand on the topic twice.</summary>
    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <summary>Messages that never arrived, or whose confirmation never came.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Starts publishing.</summary>
    public static SteadyLoad Start(KafkaAddress kafka, string topic, int eventsPerSecond, EventMix mix) =>
        new(kafka, topic, eventsPerSecond, mix);

    /// <summary>A load that has ended before it was stopped shows nothing more.</summary>
    /// <exception cref="InvalidOperationException">It has; why is the inner exception.</exception>
    public void ThrowIfEnded()
    {
        if (_running.IsCompleted)
            throw new InvalidOperationException("The load has ended by itself.", _running.Exception);
    }

    /// <summary>Stops publishing and waits until everything sent is confirmed or given up.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Task.Run(() => _producer.Flush(FlushPatience));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _producer.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var elapsed = Stopwatch.StartNew();
        while (!_stop.IsCancellationRequested)
        {
            for (var due = (long)(elapsed.Elapsed.TotalSeconds * _eventsPerSecond); _sent < due;)
                if (!TrySend())
                    break;
            await Task.Delay(Tick, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool TrySend()
    {
        try
        {
            _producer.Produce(_topic, _mix.Create(_sent), OnReport);
            Interlocked.Increment(ref _sent);
            return true;
        }
        catch (ProduceException<byte[], byte[]> later) when (!later.Error.IsFatal)
        {
            // The queue is full, or a broker that has just come back does not know the topic yet: at the next tick again.
            return false;
        }
    }

    private void OnReport(DeliveryReport<byte[], byte[]> report) =>
        Interlocked.Increment(ref report.Error.IsError ? ref _refused : ref _confirmed);
}
