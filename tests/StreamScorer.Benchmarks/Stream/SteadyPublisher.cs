using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using StreamScorer.App.LocalServices;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// Publishes at a steady rate. Every event has a time at which it is due; a probe's latency counts from there, so that a
/// publisher that was held up does not hide the wait (coordinated omission).
/// </summary>
internal sealed class SteadyPublisher(KafkaAddress kafka, string topic, StreamWorkload workload, ProbeWatch probes)
{
    private const int ProbesPerSecond = 100;
    private const int WarmUpSeconds = 4;

    /// <summary>Publishes for the seconds asked for, after a warm-up without probes. Blocks its thread.</summary>
    public void Run(int rate, int seconds)
    {
        var config = kafka.Apply(new ProducerConfig
        {
            Acks = Acks.Leader,
            LingerMs = 1,
            Partitioner = Partitioner.Murmur2Random,
            QueueBufferingMaxMessages = 1_000_000,
        });
        using var producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        var start = Stopwatch.GetTimestamp();
        var events = (long)rate * (seconds + WarmUpSeconds);
        var everyNth = Math.Max(1, rate / ProbesPerSecond);
        for (var i = 0L; i < events; i++)
        {
            var due = start + i * Stopwatch.Frequency / rate;
            while (Stopwatch.GetTimestamp() < due)
                Thread.Sleep(1);
            if (i % everyNth == 0 && i >= (long)rate * WarmUpSeconds)
                PublishProbe(producer, i, due);
            else
                producer.Produce(topic, new Message<byte[], byte[]> { Value = workload.Next().ToArray(), Key = workload.Key.ToArray() });
        }

        producer.Flush(TimeSpan.FromSeconds(60));
    }

    private void PublishProbe(IProducer<byte[], byte[]> producer, long number, long due)
    {
        var leadId = string.Create(CultureInfo.InvariantCulture, $"probe-{number}");
        var (key, value) = workload.Hot(leadId);
        producer.Produce(topic, new Message<byte[], byte[]> { Key = key, Value = value }, report => probes.Published(
            new Probe(leadId, due, report.Partition.Value, report.Offset.Value)));
    }
}
