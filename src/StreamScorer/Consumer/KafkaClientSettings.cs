using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>Builds the Kafka clients' configurations. What a user sets under <c>Kafka:Properties</c> wins.</summary>
public static class KafkaClientSettings
{
    private const int FirstVersionWithFetchQueueBackoff = 0x02_02_00_00;

    // Before that version the client, once it holds enough, asks the broker again only after a second: it must hold what
    // the worker does in one, or the worker waits. Measured: 50,000 give 100,000 events/s whatever the worker could do.
    private static readonly bool CanFetchSoon = Library.Version >= FirstVersionWithFetchQueueBackoff;

    /// <summary>
    /// The worker's consumer. Manual commits only; an offset that the topic does not have is an error that the worker
    /// decides on, never a silent reset.
    /// </summary>
    public static ConsumerConfig Consumer(KafkaOptions options)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers,
            GroupId = options.GroupId,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            HeartbeatIntervalMs = (int)Math.Clamp(options.SessionTimeout.TotalMilliseconds / 10, 100, 3000),
            // The client must hold more than one fetch per partition ahead, or the loop waits for the network.
            QueuedMinMessages = CanFetchSoon ? 50_000 : 200_000,
            QueuedMaxMessagesKbytes = (CanFetchSoon ? 32 : 40) * 1024,
            FetchMaxBytes = 16 * 1024 * 1024,
            MessageMaxBytes = 16 * 1024 * 1024,
            // The client's default is an answer as soon as there is one record: at a steady rate that is a request for every
            // few of them, which costs the broker more than the records do. Half a micro-batch's wait is not noticed.
            FetchMinBytes = 32 * 1024,
            FetchWaitMaxMs = 10,
            ConsumeResultFields = options.ReadHeaders ? "timestamp,headers" : "timestamp",
            AllowAutoCreateTopics = false,
        };
        KeepFetching(config);
        if (options.GroupInstanceId.Length > 0)
            config.GroupInstanceId = options.GroupInstanceId;
        Apply(options, config);
        return config;
    }

    /// <summary>
    /// A consumer for verbs that read topics beside the group: partitions are assigned by hand, their ends are told,
    /// nothing is committed.
    /// </summary>
    /// <param name="options">The settings in force.</param>
    /// <param name="fields">What a record carries beside key and value: <c>none</c>, <c>timestamp</c>, <c>headers</c>.</param>
    public static ConsumerConfig Reader(KafkaOptions options, string fields)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers,
            GroupId = options.GroupId + ".reader",
            // It joins no group; the client only refuses a max.poll.interval.ms, passed through for the worker, below this.
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            QueuedMinMessages = 100_000,
            QueuedMaxMessagesKbytes = 32 * 1024,
            FetchMaxBytes = 16 * 1024 * 1024,
            MessageMaxBytes = 16 * 1024 * 1024,
            ConsumeResultFields = fields,
            AllowAutoCreateTopics = false,
        };
        KeepFetching(config);
        Apply(options, config);
        return config;
    }

    /// <summary>A producer whose every record is confirmed by all in-sync replicas.</summary>
    public static ProducerConfig Producer(KafkaOptions options)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = options.BootstrapServers,
            Acks = Acks.All,
            LingerMs = 5,
            MessageMaxBytes = 16 * 1024 * 1024,
            CompressionType = CompressionType.None,
            Partitioner = Partitioner.Murmur2Random,
        };
        Apply(options, config);
        return config;
    }

    /// <summary>A client for metadata.</summary>
    public static AdminClientConfig Admin(KafkaOptions options)
    {
        var config = new AdminClientConfig { BootstrapServers = options.BootstrapServers };
        Apply(options, config);
        return config;
    }

    /// <summary>Whether the pass-through settings say that the broker is too old for record headers (below 0.11).</summary>
    public static bool BrokerHasHeaders(KafkaOptions options) =>
        !options.Properties.TryGetValue("broker.version.fallback", out var version)
        || !Version.TryParse(version, out var parsed)
        || parsed >= new Version(0, 11);

    /// <summary>The default of 1000 ms lets a full local queue idle the fetcher: half the rate on compressed topics.</summary>
    private static void KeepFetching(ConsumerConfig config)
    {
        if (CanFetchSoon)
            config.FetchQueueBackoffMs = 10;
    }

    private static void Apply(KafkaOptions options, ClientConfig config)
    {
        foreach (var (name, value) in options.Properties)
            config.Set(name, value);
    }
}
