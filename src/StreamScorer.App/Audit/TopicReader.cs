using System.Diagnostics;
using Confluent.Kafka;
using StreamScorer.Consumer;

namespace StreamScorer.App.Audit;

/// <summary>Offsets of one partition to be read.</summary>
internal readonly record struct TopicSpan(int Partition, OffsetRun Offsets);

/// <summary>
/// Reads stretches of topics with a consumer of its own that belongs to no group: partitions are assigned, nothing is
/// committed, no worker is disturbed.
/// </summary>
internal sealed class TopicReader(KafkaOptions options)
{
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The topic's partitions with their oldest offset and end; empty when there is no such topic.</summary>
    /// <exception cref="ServiceMissingException">No broker answers.</exception>
    public IReadOnlyDictionary<int, WatermarkOffsets> Watermarks(string topic)
    {
        using var consumer = Build(Deserializers.Ignore, Deserializers.Ignore, "none");
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            var found = admin.GetMetadata(topic, MetadataTimeout).Topics.SingleOrDefault(each => each.Topic == topic);
            if (found is null || found.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic)
                return new Dictionary<int, WatermarkOffsets>();
            return found.Partitions.Select(partition => partition.PartitionId).Order().ToDictionary(
                partition => partition,
                partition => consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), MetadataTimeout));
        }
        catch (KafkaException e)
        {
            throw ServiceMissingException.Kafka(options, e.Error.Reason);
        }
    }

    /// <summary>
    /// Reads every record in the spans, in offset order within a partition, and ends when each span is read or the
    /// topic ends before it does.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="spans">What to read; at most one span per partition.</param>
    /// <param name="key">Reads a key; may be called with nothing.</param>
    /// <param name="value">Reads a value; may be called with nothing.</param>
    /// <param name="fields"><c>none</c>, or <c>headers</c> where they are wanted.</param>
    /// <param name="visit">Called once per record.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ServiceMissingException">The brokers stopped answering.</exception>
    public void Read<TKey, TValue>(
        string topic,
        IReadOnlyList<TopicSpan> spans,
        IDeserializer<TKey> key,
        IDeserializer<TValue> value,
        string fields,
        Action<ConsumeResult<TKey, TValue>> visit,
        CancellationToken ct)
    {
        var ends = spans.Where(span => span.Offsets.Length > 0).ToDictionary(span => span.Partition, span => span.Offsets.End);
        if (ends.Count == 0)
            return;
        using var consumer = Build(key, value, fields);
        consumer.Assign(spans.Where(span => span.Offsets.Length > 0)
            .Select(span => new TopicPartitionOffset(topic, span.Partition, span.Offsets.Start)));
        var quiet = new Stopwatch();
        var (partition, end) = (-1, 0L);
        while (ends.Count > 0)
        {
            ct.ThrowIfCancellationRequested();
            var record = Consume(consumer);
            if (record is null)
            {
                quiet.Start();
                if (quiet.Elapsed > Patience)
                    throw ServiceMissingException.Kafka(options, $"no record and no end of {topic} came for {Patience.TotalSeconds} s");
                continue;
            }

            if (quiet.IsRunning)
                quiet.Reset();
            // Records come in runs of one partition.
            if (record.Partition.Value != partition)
                (partition, end) = (record.Partition.Value, ends.GetValueOrDefault(record.Partition.Value));
            if (end == 0)
                continue;
            if (!record.IsPartitionEOF && record.Offset.Value < end)
                visit(record);
            if (record.IsPartitionEOF || record.Offset.Value >= end - 1)
            {
                ends.Remove(partition);
                end = 0;
                // The record itself does not name its topic unless "topic" is among the fields, and null would crash the client.
                consumer.Pause([new TopicPartition(topic, record.Partition)]);
            }
        }
    }

    private ConsumeResult<TKey, TValue>? Consume<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        try
        {
            return consumer.Consume(TimeSpan.FromMilliseconds(200));
        }
        catch (ConsumeException e) when (e.Error.IsLocalError && !e.Error.IsFatal && e.Error.Code != ErrorCode.Local_ValueDeserialization)
        {
            return null;
        }
        catch (ConsumeException e)
        {
            throw ServiceMissingException.Kafka(options, e.Error.Reason);
        }
    }

    private IConsumer<TKey, TValue> Build<TKey, TValue>(IDeserializer<TKey> key, IDeserializer<TValue> value, string fields) =>
        new ConsumerBuilder<TKey, TValue>(KafkaClientSettings.Reader(options, fields))
            .SetKeyDeserializer(key).SetValueDeserializer(value)
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
}
