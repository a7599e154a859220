using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Telemetry;

namespace StreamScorer.Consumer;

/// <summary>
/// Before the worker joins the group: the broker answers, the topic exists, the dead-letter topic exists. A missing
/// topic of events is waited for (producers may create it later); a missing dead-letter topic stops the start, because
/// the first bad record would block its partition.
/// </summary>
public sealed class TopicCheck(KafkaOptions options, Readiness readiness, ILogger log, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the topics are there.</summary>
    /// <exception cref="WorkerStoppedException">The dead-letter topic does not exist and the broker does not create it.</exception>
    public async Task WaitAsync(CancellationToken ct)
    {
        using var admin = new AdminClientBuilder(KafkaClientSettings.Admin(options))
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        var started = clock.GetTimestamp();
        var told = -1L;
        for (var attempt = 1; ; attempt++)
        {
            var trouble = await BlockingCall.RunAsync(() => Trouble(admin), ct).ConfigureAwait(false);
            if (trouble is null)
                break;
            readiness.Down(Readiness.Kafka, trouble);
            Tell(trouble, attempt, started, ref told);
            await Task.Delay(Pause, clock, ct).ConfigureAwait(false);
        }

        if (told >= 0)
            log.DependencyBack(Readiness.Kafka, clock.GetElapsedTime(started).TotalSeconds);
        readiness.Up(Readiness.Kafka);
        await BlockingCall.RunAsync(() => RequireDeadLetterTopic(admin), ct).ConfigureAwait(false);
    }

    private void Tell(string trouble, int attempt, long started, ref long told)
    {
        if (told < 0)
            log.DependencyDown(Readiness.Kafka, trouble, "Setting: Kafka:BootstrapServers (environment Kafka__BootstrapServers).");
        else if (clock.GetElapsedTime(told) >= Reminder)
            log.DependencyStillDown(Readiness.Kafka, (long)clock.GetElapsedTime(started).TotalSeconds, attempt, trouble);
        else
            return;
        told = clock.GetTimestamp();
    }

    private string? Trouble(IAdminClient admin)
    {
        try
        {
            var topic = admin.GetMetadata(options.Topic, Timeout).Topics.FirstOrDefault();
            return topic is { Error.IsError: false, Partitions.Count: > 0 }
                ? null
                : $"topic {options.Topic} does not exist on {options.BootstrapServers} yet";
        }
        catch (KafkaException exception)
        {
            return $"no broker answers at {options.BootstrapServers}: {exception.Error.Reason}";
        }
    }

    private void RequireDeadLetterTopic(IAdminClient admin)
    {
        var name = options.EffectiveDeadLetterTopic;
        var topic = admin.GetMetadata(name, Timeout).Topics.FirstOrDefault();
        if (topic is { Error.IsError: false, Partitions.Count: > 0 })
            return;
        throw new WorkerStoppedException(
            $"The dead-letter topic {name} does not exist on {options.BootstrapServers}. A record that can never be scored must have "
            + $"somewhere to go. Create it: kafka-topics.sh --bootstrap-server {options.BootstrapServers} --create --topic {name} "
            + "(or set Kafka:DeadLetterTopic).");
    }
}
