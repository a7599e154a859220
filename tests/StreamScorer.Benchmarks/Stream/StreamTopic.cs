using System.Diagnostics;
using Confluent.Kafka;
using StreamScorer.App.LocalServices;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>A topic that holds a workload.</summary>
internal static class StreamTopic
{
    /// <summary>Makes and fills the topic, unless an earlier run with a kept folder has done so; returns its name.</summary>
    public static async Task<string> FillAsync(
        BenchServices services, WorkloadShape shape, ForestModel model, int partitions, string codec)
    {
        var topic = $"bench-{shape}-{partitions}-{codec}";
        await KafkaTopics.CreateAsync(
            services.Kafka, [new TopicSpec(topic, partitions), new TopicSpec(topic + ".dead-letters", 1)]);
        var held = EndOffsets(services.Kafka, topic, partitions);
        if (held == shape.Events)
            return topic;
        if (held > 0)
            throw new MeasurementException($"Topic {topic} holds {held} records of another run; use another folder.");
        var watch = Stopwatch.StartNew();
        var bytes = Publish(services.Kafka, topic, new StreamWorkload(shape, model).NextEvent, shape.Events, codec);
        held = EndOffsets(services.Kafka, topic, partitions);
        if (held != shape.Events)
            throw new InvalidOperationException($"{shape.Events} events were published and topic {topic} holds {held}.");
        await Console.Error.WriteLineAsync(
            $"{topic}: {shape.Events:N0} events of {bytes / shape.Events} bytes in {watch.Elapsed.TotalSeconds:F1} s");
        return topic;
    }

    /// <summary>Publishes events as fast as the broker takes them, and waits until it has them all; returns their bytes.</summary>
    public static long Publish(KafkaAddress kafka, string topic, Func<StreamEvent> next, int events, string codec)
    {
        var config = kafka.Apply(new ProducerConfig
        {
            Acks = Acks.Leader,
            LingerMs = 50,
            BatchSize = 512 * 1024,
            QueueBufferingMaxKbytes = 256 * 1024,
            CompressionType = Enum.Parse<CompressionType>(codec, ignoreCase: true),
            Partitioner = Partitioner.Murmur2Random,
            EnableDeliveryReports = false,
        });
        using var producer = new ProducerBuilder<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(config)
            .SetKeySerializer(new MemorySerializer()).SetValueSerializer(new MemorySerializer()).Build();
        var bytes = 0L;
        for (var i = 0; i < events; i++)
        {
            var (key, value) = next();
            bytes += value.Length;
            Send(producer, topic, new Message<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> { Key = key, Value = value });
        }

        producer.Flush(TimeSpan.FromMinutes(2));
        return bytes;
    }

    private static void Send(
        IProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, string topic,
        Message<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(topic, message);
                return;
            }
            catch (ProduceException<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> exception)
                when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    /// <summary>Records on the topic, by its end offsets.</summary>
    public static long EndOffsets(KafkaAddress kafka, string topic, int partitions)
    {
        var config = kafka.Apply(new ConsumerConfig { GroupId = "bench-ends" });
        using var client = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        return Enumerable.Range(0, partitions).Sum(partition =>
            client.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(10)).High.Value);
    }

    private sealed class MemorySerializer : ISerializer<ReadOnlyMemory<byte>>
    {
        // The client copies what it is given; it takes arrays only.
        public byte[] Serialize(ReadOnlyMemory<byte> data, SerializationContext context) => data.ToArray();
    }
}
