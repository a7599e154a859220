using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using StreamScorer.App.LocalServices;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>An event whose way is timed.</summary>
/// <param name="LeadId">A lead of its own, hot from its only event on.</param>
/// <param name="Due">When it was to be published.</param>
internal sealed record Probe(string LeadId, DateTimeOffset Due);

/// <summary>
/// Publishes at a steady rate. Every event has a time at which it is due; a probe's latency counts from there, so that a
/// publisher that was held up does not hide the wait (coordinated omission).
/// </summary>
internal sealed class SteadyPublisher(KafkaAddress kafka, string topic, StreamWorkload workload, double lingerMilliseconds)
{
    private const int ProbesPerSecond = 200;

    /// <summary>Publishes for a warm-up without probes and then for the seconds asked for. Blocks its thread.</summary>
    /// <param name="rate">Events a second, 1 or more.</param>
    /// <param name="warmUpSeconds">For the worker's code to be compiled.</param>
    /// <param name="seconds">With probes.</param>
    /// <param name="warmedUp">Called between the two.</param>
    /// <returns>The probes, in the order of their due times.</returns>
    public IReadOnlyList<Probe> Run(int rate, int warmUpSeconds, int seconds, Action warmedUp)
    {
        var config = kafka.Apply(new ProducerConfig
        {
            Acks = Acks.Leader,
            LingerMs = lingerMilliseconds,
            Partitioner = Partitioner.Murmur2Random,
            QueueBufferingMaxMessages = 1_000_000,
            EnableDeliveryReports = false,
        });
        using var producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        var probes = new List<Probe>();
        var (start, startTime) = (Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow());
        var (warmUp, events) = ((long)rate * warmUpSeconds, (long)rate * (warmUpSeconds + seconds));
        var everyNth = Math.Max(1, rate / ProbesPerSecond);
        for (var i = 0L; i < events; i++)
        {
            var due = i * Stopwatch.Frequency / rate;
            while (Stopwatch.GetTimestamp() - start < due)
                Thread.Sleep(1);
            if (i == warmUp)
                warmedUp();
            if (i >= warmUp && i % everyNth == 0)
            {
                var probe = new Probe(
                    string.Create(CultureInfo.InvariantCulture, $"probe-{i}"), startTime + Stopwatch.GetElapsedTime(start, start + due));
                probes.Add(probe);
                Publish(producer, workload.Hot(probe.LeadId));
            }
            else
            {
                Publish(producer, workload.NextEvent());
            }
        }

        producer.Flush(TimeSpan.FromSeconds(60));
        return probes;
    }

    private void Publish(IProducer<byte[], byte[]> producer, StreamEvent next) =>
        producer.Produce(topic, new Message<byte[], byte[]> { Key = next.Key.ToArray(), Value = next.Value.ToArray() });
}
