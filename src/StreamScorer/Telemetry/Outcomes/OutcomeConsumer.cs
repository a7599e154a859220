using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamScorer.Consumer;
using StreamScorer.Sinks;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>
/// Reads the topic of outcomes into their table, at least once: the offset is committed after the rows are, and
/// recording an outcome twice changes nothing. A group of its own, beside the path of events.
/// </summary>
public sealed class OutcomeConsumer(
    StreamScorerOptions options, OutcomeStore store, OutcomeMetrics metrics, OutageRetry retry, TimeProvider clock, ILogger log)
{
    private const int MostRecords = 5000;

    private static readonly TimeSpan TopicCheckInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(500);

    private readonly OutcomeBatch _batch = new();

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="KafkaException">The client cannot go on.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        var topic = options.Outcomes.Topic;
        var (isSubscribed, wasAssigned) = (false, false);
        var consumer = new ConsumerBuilder<byte[]?, byte[]?>(Configuration(options.Kafka))
            .SetValueDeserializer(Deserializers.ByteArray!).SetKeyDeserializer(Deserializers.ByteArray!)
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { })
            .SetPartitionsAssignedHandler((_, _) => wasAssigned = true).Build();
        try
        {
            await WaitForTopicAsync(consumer, topic, ct).ConfigureAwait(false);
            consumer.Subscribe(topic);
            isSubscribed = true;
            while (!ct.IsCancellationRequested)
            {
                Fill(consumer);
                if (_batch.Records > 0)
                    await RecordAsync(consumer, topic, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            if (isSubscribed)
                GroupDeparture.Close(consumer, wasAssigned);
            else
                consumer.Dispose();
        }
    }

    private static ConsumerConfig Configuration(KafkaOptions kafka)
    {
        var config = KafkaClientSettings.Consumer(kafka);
        config.GroupId = kafka.GroupId + ".outcomes";
        config.GroupInstanceId = kafka.GroupInstanceId.Length > 0 ? kafka.GroupInstanceId + ".outcomes" : null;
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        // Outcomes are few: a small queue keeps the memory for events.
        config.QueuedMinMessages = 1000;
        config.QueuedMaxMessagesKbytes = 1024;
        config.ConsumeResultFields = "timestamp,topic";
        // What was consumed is what a commit means here: it comes after the rows of everything consumed.
        config.EnableAutoOffsetStore = true;
        return config;
    }

    private async Task WaitForTopicAsync(IConsumer<byte[]?, byte[]?> consumer, string topic, CancellationToken ct)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        for (var told = false; !await BlockingCall.RunAsync(() => Exists(admin, topic), ct).ConfigureAwait(false); told = true)
        {
            if (!told)
                log.NoOutcomeTopic(topic);
            await Task.Delay(TopicCheckInterval, clock, ct).ConfigureAwait(false);
        }
    }

    private static bool Exists(IAdminClient admin, string topic)
    {
        try
        {
            return admin.GetMetadata(topic, TimeSpan.FromSeconds(5)).Topics.Any(found => !found.Error.IsError && found.Partitions.Count > 0);
        }
        catch (KafkaException exception) when (!exception.Error.IsFatal)
        {
            // No broker: whoever consumes events says so; here it only means to wait.
            return false;
        }
    }

    /// <summary>Takes what is there, waiting only for the first record.</summary>
    private void Fill(IConsumer<byte[]?, byte[]?> consumer)
    {
        _batch.Clear();
        for (var timeout = PollTimeout; _batch.Records < MostRecords; timeout = TimeSpan.Zero)
        {
            try
            {
                if (consumer.Consume(timeout) is not { } record)
                    return;
                Add(record);
            }
            catch (ConsumeException exception) when (!exception.Error.IsFatal)
            {
                log.OutcomeConsumerTrouble(SinkErrors.Describe(exception));
                return;
            }
        }
    }

    private void Add(ConsumeResult<byte[]?, byte[]?> record)
    {
        var (key, value) = (record.Message.Key ?? [], record.Message.Value ?? []);
        var now = clock.GetUtcNow();
        var recordTime = record.Message.Timestamp.Type == TimestampType.NotAvailable ? now : record.Message.Timestamp.UtcDateTime;
        if (value.Length == 0 && key.Length > 0)
            _batch.Delete(System.Text.Encoding.UTF8.GetString(key).Replace("\0", "", StringComparison.Ordinal));
        else if (LeadOutcome.TryRead(key, value, recordTime, now, out var outcome, out var fault))
            _batch.Add(outcome!);
        else
            _batch.Reject(new RejectedOutcome(record.Topic, record.Partition.Value, record.Offset.Value, fault, record.Message.Key, record.Message.Value));
    }

    private async Task RecordAsync(IConsumer<byte[]?, byte[]?> consumer, string topic, CancellationToken ct)
    {
        await retry.RunAsync(Readiness.PostgreSql, token => store.RecordAsync(_batch, token), ct).ConfigureAwait(false);
        metrics.Recorded(_batch);
        if (_batch.Rejected is [var first, ..])
            log.OutcomesRejected(_batch.Rejected.Count, topic, first.Partition, first.Offset, first.Reason);
        try
        {
            consumer.Commit();
        }
        catch (KafkaException exception) when (!exception.Error.IsFatal)
        {
            // The group has moved on, or no broker answers: the same outcomes come again, and change nothing.
            log.OutcomeConsumerTrouble(SinkErrors.Describe(exception));
        }
    }
}
