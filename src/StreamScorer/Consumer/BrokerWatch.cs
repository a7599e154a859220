using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// The consumer says when all brokers are gone, but on a quiet topic nothing says that they are back. While Kafka is
/// down this asks for metadata every second, and tells the outage's start, its going on, and its end once each.
/// </summary>
public sealed class BrokerWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    private readonly KafkaOptions _options;
    private readonly Readiness _readiness;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly IAdminClient _admin;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Starts watching.</summary>
    public BrokerWatch(KafkaOptions options, Readiness readiness, ILogger log, TimeProvider clock)
    {
        (_options, _readiness, _log, _clock) = (options, readiness, log, clock);
        _admin = new AdminClientBuilder(KafkaClientSettings.Admin(options))
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _running = Task.Run(() => WatchAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait();
        _admin.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        DependencyStatus? outage = null;
        var (told, attempt) = (0L, 0);
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(Interval, _clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var status = _readiness.Statuses[Readiness.Kafka];
            if (status.IsUp && outage is null)
                continue;
            if (outage is null)
            {
                (outage, told, attempt) = (status, _clock.GetTimestamp(), 0);
                _log.DependencyDown(Readiness.Kafka, status.Reason, $"Brokers: {_options.BootstrapServers}.");
            }

            attempt++;
            if (status.IsUp || Answers())
            {
                _readiness.Up(Readiness.Kafka);
                _log.DependencyBack(Readiness.Kafka, (_clock.GetUtcNow() - outage.Since).TotalSeconds);
                outage = null;
            }
            else if (_clock.GetElapsedTime(told) >= Reminder)
            {
                told = _clock.GetTimestamp();
                _log.DependencyStillDown(Readiness.Kafka, (long)(_clock.GetUtcNow() - outage.Since).TotalSeconds, attempt, status.Reason);
            }
        }
    }

    private bool Answers()
    {
        try
        {
            return _admin.GetMetadata(_options.Topic, TimeSpan.FromSeconds(2)).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
