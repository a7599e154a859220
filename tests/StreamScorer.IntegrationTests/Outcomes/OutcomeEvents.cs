using Confluent.Kafka;

namespace StreamScorer.IntegrationTests.Outcomes;

/// <summary>Publishes records to a topic of outcomes.</summary>
internal static class OutcomeEvents
{
    public static void Publish(TestScope scope, string topic, params (string Key, string Value)[] records)
    {
        using var producer = new ProducerBuilder<string, string>(scope.Kafka.Apply(new ProducerConfig { Acks = Acks.All }))
            .SetLogHandler((_, _) => { }).Build();
        foreach (var (key, value) in records)
            producer.Produce(topic, new Message<string, string> { Key = key, Value = value }, report => Assert(report.Error));
        producer.Flush(TimeSpan.FromSeconds(30));
    }

    private static void Assert(Error error)
    {
        if (error.IsError)
            throw new KafkaException(error);
    }
}
