using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamScorer.App.LocalServices;

/// <summary>A topic to be made.</summary>
/// <param name="Name">At least eight characters: very short names trip a parser bug of the 0.9 brokers.</param>
/// <param name="Partitions">1 or more; one replica each.</param>
/// <param name="Settings">Settings of the topic, such as <c>max.message.bytes</c>.</param>
public sealed record TopicSpec(string Name, int Partitions, IReadOnlyDictionary<string, string>? Settings = null);

/// <summary>Creates and deletes topics, on current brokers by request and on those of the 0.9 series through ZooKeeper.</summary>
public static class KafkaTopics
{
    // A dead letter on a broker without headers is an envelope with the value in base64: a third larger than its source.
    private const string DeadLetterMaxBytes = "8388608";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The topics of one stream of lead events: the source, its dead letters, and the outcomes of leads.</summary>
    public static IReadOnlyList<TopicSpec> ForSource(string topic, int partitions) =>
    [
        new TopicSpec(topic, partitions),
        new TopicSpec(topic + ".dead-letters", partitions, new Dictionary<string, string>
        {
            ["max.message.bytes"] = DeadLetterMaxBytes,
        }),
        new TopicSpec("lead-outcomes", partitions),
    ];

    /// <summary>
    /// Creates the topics and returns once every partition has a leader. One that is there already is left as it is.
    /// </summary>
    /// <exception cref="LocalServiceException">The cluster does not answer, or refuses a topic.</exception>
    public static async Task CreateAsync(
        KafkaAddress kafka, IReadOnlyList<TopicSpec> topics, CancellationToken cancellationToken = default)
    {
        using var admin = OpenAdmin(kafka);
        if (kafka.ZooKeeper is null)
            await CreateByRequestAsync(admin, topics);
        else
            CreateInZooKeeper(kafka.ZooKeeper, topics);
        foreach (var topic in topics)
            await WaitForLeadersAsync(admin, topic.Name, 1, cancellationToken);
    }

    /// <summary>Gives a topic more partitions and returns once each has a leader.</summary>
    /// <exception cref="LocalServiceException">The cluster does not answer, or refuses.</exception>
    public static async Task GrowAsync(KafkaAddress kafka, string topic, int partitions, CancellationToken cancellationToken = default)
    {
        using var admin = OpenAdmin(kafka);
        if (kafka.ZooKeeper is null)
        {
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = partitions }]);
        }
        else
        {
            using var client = ZooKeeperClient.Connect(kafka.ZooKeeper);
            client.Set($"/brokers/topics/{topic}", Assignment(partitions));
        }

        await WaitForLeadersAsync(admin, topic, partitions, cancellationToken);
    }

    /// <summary>Asks for the topics' deletion, which the broker does in the background.</summary>
    public static async Task DeleteAsync(KafkaAddress kafka, params string[] topics)
    {
        if (kafka.ZooKeeper is null)
        {
            using var admin = OpenAdmin(kafka);
            await admin.DeleteTopicsAsync(topics);
            return;
        }
        using var client = ZooKeeperClient.Connect(kafka.ZooKeeper);
        foreach (var topic in topics)
            client.Create($"/admin/delete_topics/{topic}", "");
    }

    /// <summary>Whether the cluster knows the topic, one that is being deleted included.</summary>
    internal static bool Exists(KafkaAddress kafka, string topic)
    {
        if (kafka.ZooKeeper is not null)
        {
            using var client = ZooKeeperClient.Connect(kafka.ZooKeeper);
            return client.Exists($"/brokers/topics/{topic}");
        }

        using var admin = OpenAdmin(kafka);
        return admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics.Any(each => each.Topic == topic);
    }

    /// <summary>True when a metadata request answers with a broker.</summary>
    internal static bool Answers(KafkaAddress kafka, TimeSpan timeout)
    {
        try
        {
            using var admin = OpenAdmin(kafka);
            return admin.GetMetadata(timeout).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private static async Task CreateByRequestAsync(IAdminClient admin, IReadOnlyList<TopicSpec> topics)
    {
        var wanted = topics.Select(topic => new TopicSpecification
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = 1,
            Configs = topic.Settings?.ToDictionary(),
        });
        try
        {
            await admin.CreateTopicsAsync(wanted);
        }
        catch (CreateTopicsException failure)
        {
            var refused = failure.Results
                .Where(result => result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists)
                .Select(result => $"{result.Topic}: {result.Error.Reason}")
                .ToArray();
            if (refused.Length > 0)
                throw new LocalServiceException("Kafka refused to create topics: " + string.Join("; ", refused), failure);
        }
        catch (KafkaException failure)
        {
            throw new LocalServiceException($"Kafka did not create topics: {failure.Error.Reason}", failure);
        }
    }

    /// <summary>
    /// Writes the two nodes that <c>kafka.admin.AdminUtils</c> of Kafka 0.9 writes: the topic's settings, and the
    /// brokers of each partition (broker 0 is the only one). The controller watches the second and does the rest.
    /// </summary>
    private static void CreateInZooKeeper(string address, IReadOnlyList<TopicSpec> topics)
    {
        using var client = ZooKeeperClient.Connect(address);
        foreach (var topic in topics)
        {
            if (client.Exists($"/brokers/topics/{topic.Name}"))
                continue;
            var settings = topic.Settings ?? new Dictionary<string, string>();
            client.Create($"/config/topics/{topic.Name}", JsonSerializer.Serialize(new { version = 1, config = settings }));
            client.Create($"/brokers/topics/{topic.Name}", Assignment(topic.Partitions));
        }
    }

    private static string Assignment(int count)
    {
        int[] replicas = [0];
        var partitions = Enumerable.Range(0, count)
            .ToDictionary(partition => partition.ToString(CultureInfo.InvariantCulture), _ => replicas);
        return JsonSerializer.Serialize(new { version = 1, partitions });
    }

    private static async Task WaitForLeadersAsync(IAdminClient admin, string topic, int atLeast, CancellationToken cancellationToken)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var state = "no answer";
            try
            {
                var metadata = admin.GetMetadata(topic, TimeSpan.FromSeconds(5)).Topics.Single();
                var led = metadata.Partitions.Count(partition => !partition.Error.IsError && partition.Leader >= 0);
                if (!metadata.Error.IsError && led >= atLeast && led == metadata.Partitions.Count)
                    return;
                state = metadata.Error.IsError ? metadata.Error.Reason : $"{led} of {metadata.Partitions.Count} partitions have a leader";
            }
            catch (KafkaException failure)
            {
                state = failure.Error.Reason;
            }
            if (waited.Elapsed > Patience)
                throw new LocalServiceException($"topic {topic} is not ready after {Patience.TotalSeconds} s: {state}.");
            await Task.Delay(TimeSpan.FromMilliseconds(25), cancellationToken);
        }
    }

    private static IAdminClient OpenAdmin(KafkaAddress kafka) =>
        new AdminClientBuilder(kafka.Apply(new AdminClientConfig()))
            // A broker that is not up yet is expected here and told by exception; librdkafka would write to stderr too.
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, _) => { })
            .Build();
}
