using System.Globalization;
using Confluent.Kafka;

namespace StreamScorer.IntegrationTests.Telemetry;

/// <summary>
/// librdkafka's mock cluster in this process: a modern protocol with headers, which the local broker is too old for.
/// Nothing of it is on a disk; it goes with the test.
/// </summary>
internal sealed class MockBroker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly IProducer<byte[]?, byte[]?> _producer;

    public MockBroker()
    {
        var config = new ProducerConfig { Acks = Acks.All, LingerMs = 0 };
        config.Set("test.mock.num.brokers", "1");
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        var broker = admin.GetMetadata(Patience).Brokers.Single();
        Address = string.Create(CultureInfo.InvariantCulture, $"{broker.Host}:{broker.Port}");
    }

    /// <summary>For clients in any process of this machine.</summary>
    public string Address { get; }

    /// <summary>Makes a topic: the mock has it as soon as somebody asks for it.</summary>
    public void CreateTopic(string topic)
    {
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        for (var i = 0; i < 200 && admin.GetMetadata(topic, Patience).Topics.Single() is { Error.IsError: true } or { Partitions.Count: 0 }; i++)
            Thread.Sleep(50);
    }

    /// <summary>Publishes with confirmation.</summary>
    public Task PublishAsync(string topic, string? key, string? value, params (string Name, string Value)[] headers)
    {
        var message = new Message<byte[]?, byte[]?> { Key = Bytes(key), Value = Bytes(value), Headers = [] };
        foreach (var (name, text) in headers)
            message.Headers.Add(name, Bytes(text));
        return _producer.ProduceAsync(topic, message);
    }

    /// <summary>The first messages of a topic, of all its partitions.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> Read(string topic, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = Address, GroupId = "reader-" + Guid.NewGuid(), AutoOffsetReset = AutoOffsetReset.Earliest };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(topic);
        var messages = new List<ConsumeResult<byte[], byte[]>>();
        using var patience = new CancellationTokenSource(Patience);
        while (messages.Count < count)
            messages.Add(consumer.Consume(patience.Token));
        return messages;
    }

    public void Dispose() => _producer.Dispose();

    private static byte[]? Bytes(string? text) => text is null ? null : System.Text.Encoding.UTF8.GetBytes(text);
}
