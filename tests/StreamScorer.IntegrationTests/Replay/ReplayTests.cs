using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.IntegrationTests.Replay;

/// <summary>What a replay leaves on a real topic.</summary>
public class ReplayTests
{
    [RequiresServicesFact]
    public async Task EveryLeadArrivesOnceInItsPartitionAndInOrder()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 4);
        SyntheticDataset.WriteFolder(scope.Folder, new GenerationOptions
        {
            Leads = 600,
            Partitions = 5,
            EventsPerLead = 4,
            DevelopingLeads = 40,
        });
        var kafka = new KafkaOptions { BootstrapServers = scope.Kafka.BootstrapServers, Properties = scope.Kafka.ClientProperties.ToDictionary() };
        var snapshots = PreparedDataset.Open(Path.Combine(scope.Folder, PreparedLayout.StreamingFolder));
        var followUps = PreparedDataset.Open(Path.Combine(scope.Folder, PreparedLayout.FollowUpFolder));
        var replayer = new DatasetReplayer(kafka);
        var options = new ReplayOptions(scope.Topic) { OutcomeTopic = scope.DeadLetterTopic };

        var first = await replayer.RunAsync(snapshots, options);
        var second = await replayer.RunAsync(followUps, options with { OutcomeTopic = null });
        Assert.Equal((180, 180, true), (first.Delivered, first.Outcomes, first.Complete));
        Assert.Equal((followUps.RowCount, true), (second.Delivered, second.Complete));

        var events = Consume(scope, scope.Topic, (int)(first.Delivered + second.Delivered));
        Assert.All(events, record => Assert.Equal((int)(Murmur2(record.Message.Key) % 4), record.Partition.Value));
        Assert.All(events, record => Assert.DoesNotContain("\"converted\"", Encoding.UTF8.GetString(record.Message.Value), StringComparison.OrdinalIgnoreCase));
        var expected = snapshots.Files.Concat(followUps.Files).SelectMany(file => file.ReadLeads()).Select(lead => lead.LeadId)
            .GroupBy(id => id).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(expected, events.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)).ToDictionary(g => g.Key, g => g.Count()));
        // A lead's follow-ups tell their place in the file; on the topic they must rise.
        foreach (var lead in events.Where(IsFollowUp).GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)))
        {
            var rows = lead.OrderBy(record => record.Offset.Value).Select(Row).ToList();
            Assert.Equal(rows.Order(), rows);
        }

        var converted = snapshots.Files.SelectMany(file => file.ReadLeads()).ToDictionary(lead => lead.LeadId, lead => lead.Converted);
        foreach (var outcome in Consume(scope, scope.DeadLetterTopic, 180))
        {
            using var json = JsonDocument.Parse(outcome.Message.Value);
            Assert.Equal(converted[json.RootElement.GetProperty("leadId").GetString()!], json.RootElement.GetProperty("converted").GetBoolean());
        }
    }

    private static string[] EventId(ConsumeResult<byte[], byte[]> record)
    {
        using var json = JsonDocument.Parse(record.Message.Value);
        return json.RootElement.GetProperty("eventId").GetString()!.Split('/');
    }

    private static bool IsFollowUp(ConsumeResult<byte[], byte[]> record) => EventId(record)[0] == "follow_ups";

    private static (string File, int Row) Row(ConsumeResult<byte[], byte[]> record) =>
        (EventId(record)[1], int.Parse(EventId(record)[2], CultureInfo.InvariantCulture));

    private static List<ConsumeResult<byte[], byte[]>> Consume(TestScope scope, string topic, int count)
    {
        var config = scope.Kafka.Apply(new ConsumerConfig { GroupId = scope.GroupId + "-reader", EnableAutoCommit = false });
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        while (consumer.Consume(TimeSpan.FromSeconds(records.Count < count ? 20 : 1)) is { } record)
            records.Add(record);
        Assert.Equal(count, records.Count);
        return records;
    }

    // org.apache.kafka.common.utils.Utils.murmur2 with its sign bit off, which is how Java producers place a key.
    private static uint Murmur2(byte[] key)
    {
        const uint M = 0x5bd1e995;
        var hash = 0x9747b28cu ^ (uint)key.Length;
        var i = 0;
        for (; i + 4 <= key.Length; i += 4)
        {
            var word = BitConverter.ToUInt32(key, i) * M;
            hash = (hash * M) ^ ((word ^ (word >> 24)) * M);
        }

        for (var tail = key.Length - 1; tail >= i; tail--)
            hash ^= (uint)key[tail] << (8 * (tail - i));
        hash = key.Length % 4 == 0 ? hash : hash * M;
        hash = (hash ^ (hash >> 13)) * M;
        return (hash ^ (hash >> 15)) & 0x7fffffff;
    }
}
