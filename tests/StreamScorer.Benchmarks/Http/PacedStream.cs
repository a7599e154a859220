using System.Diagnostics;
using Confluent.Kafka;
using StreamScorer.App.LocalServices;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Http;

/// <summary>Publishes lead events at a steady rate until it is disposed of, so that the API is measured beside a working stream.</summary>
internal sealed class PacedStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<double> _publishing;

    private PacedStream(KafkaAddress kafka, string topic, ForestModel model, int rate) =>
        _publishing = Task.Run(() => PublishAsync(kafka, topic, new StreamWorkload(new WorkloadShape(1_000_000), model), rate, _stop.Token));

    public static PacedStream Start(KafkaAddress kafka, string topic, ForestModel model, int rate) => new(kafka, topic, model, rate);

    /// <summary>Stops, and says how many events a second it came to.</summary>
    public async Task<double> RateAsync()
    {
        await _stop.CancelAsync();
        return await _publishing;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RateAsync();
        _stop.Dispose();
    }

    private static async Task<double> PublishAsync(KafkaAddress kafka, string topic, StreamWorkload workload, int rate, CancellationToken stop)
    {
        var config = kafka.Apply(new ProducerConfig { Acks = Acks.Leader, LingerMs = 5, EnableDeliveryReports = false });
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        var watch = Stopwatch.StartNew();
        var sent = 0L;
        while (!stop.IsCancellationRequested)
        {
            for (var due = watch.Elapsed.TotalSeconds * rate; sent < due; sent++)
            {
                var value = workload.Next().ToArray();
                producer.Produce(topic, new Message<byte[], byte[]> { Key = workload.Key.ToArray(), Value = value });
            }

            await Task.Delay(5, CancellationToken.None);
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        return sent / watch.Elapsed.TotalSeconds;
    }
}
