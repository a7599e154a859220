using Confluent.Kafka;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Demo;

/// <summary>Which leads already have an event on a topic, so that a resumed demo publishes each event once.</summary>
internal static class PublishedLeads
{
    /// <summary>Reads the keys of every record that is on the topic now.</summary>
    public static HashSet<string> Read(KafkaAddress kafka, string topic, CancellationToken ct)
    {
        var config = kafka.Apply(new ConsumerConfig { GroupId = "demo-keys", EnableAutoCommit = false, EnablePartitionEof = true });
        using var consumer = new ConsumerBuilder<string?, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions;
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning)));
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var open = partitions.Count; open > 0;)
        {
            var record = consumer.Consume(ct);
            if (record.IsPartitionEOF)
                open--;
            else if (record.Message.Key is { } key)
                keys.Add(key);
        }

        return keys;
    }
}
