using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.IntegrationTests.Docs;

/// <summary>What is published to the topics is what the AsyncAPI document says; headers are looked at where a broker has them.</summary>
public class AsyncApiTests
{
    private static readonly AsyncApiDocument Document = new();

    // Mutation: a field renamed by the publisher, or left out of the document.
    [RequiresServicesFact]
    public async Task Events_and_outcomes_of_a_replay_are_as_described_and_keyed_by_lead()
    {
        await using var scope = await TestScope.CreateAsync();
        SyntheticDataset.WriteFolder(scope.Folder, new GenerationOptions { Leads = 300, Partitions = 2 });
        var kafka = new KafkaOptions { BootstrapServers = scope.Kafka.BootstrapServers, Properties = scope.Kafka.ClientProperties.ToDictionary() };
        var dataset = PreparedDataset.Open(Path.Combine(scope.Folder, PreparedLayout.StreamingFolder));
        var report = await new DatasetReplayer(kafka).RunAsync(dataset, new ReplayOptions(scope.Topic) { OutcomeTopic = scope.DeadLetterTopic });

        var events = Read(scope, scope.Topic, (int)report.Delivered);
        var outcomes = Read(scope, scope.DeadLetterTopic, (int)report.Outcomes);

        Assert.True(events.Count > 50 && outcomes.Count == events.Count);
        Assert.Empty(events.SelectMany(message => Document.Faults("leadEvent", Json(message))));
        Assert.Empty(outcomes.SelectMany(message => Document.Faults("leadOutcome", Json(message))));
        Assert.All(events.Concat(outcomes), message => Assert.Equal((string)Json(message)["leadId"]!, Encoding.UTF8.GetString(message.Key)));
        Assert.NotEmpty(Document.Faults("leadEvent", new JsonObject { ["leadId"] = 5 }));
    }

    [RequiresServicesFact]
    public async Task A_dead_letter_without_headers_is_the_envelope_described()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        const string Bad = """{"leadId":"a","totalVisits":"many"}""";
        LeadEvents.Publish(scope, [("a", Bad), (null, "no JSON")]);
        await using var worker = WorkerProcess.Start(scope, model);
        await worker.WaitUntilDrainedAsync(scope);

        var letters = Read(scope, scope.DeadLetterTopic, 2).Select(Json).ToList();

        Assert.Empty(letters.SelectMany(letter => Document.Faults("deadLetterEnvelope", letter)));
        Assert.Equal(["0", "1"], letters.Select(letter => letter["offset"]!.ToJsonString()).Order(StringComparer.Ordinal));
        Assert.Contains(letters, letter => Encoding.UTF8.GetString(Convert.FromBase64String((string)letter["value"]!)) == Bad);
    }

    private static JsonNode Json(Message<byte[], byte[]> message) => JsonNode.Parse(message.Value)!;

    private static List<Message<byte[], byte[]>> Read(TestScope scope, string topic, int count)
    {
        var config = scope.Kafka.Apply(new ConsumerConfig { GroupId = scope.GroupId + ".reader", AutoOffsetReset = AutoOffsetReset.Earliest });
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var messages = new List<Message<byte[], byte[]>>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (messages.Count < count)
            messages.Add(consumer.Consume(patience.Token).Message);
        return messages;
    }
}
