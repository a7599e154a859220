using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>
/// librdkafka's mock cluster: one broker in this process that speaks the current protocol and answers with the errors it is
/// told to. It keeps nothing on disk and serves tests of single answers only.
/// </summary>
internal sealed partial class MockCluster : IDisposable
{
    private const int Producer = 0;

    // https://kafka.apache.org/protocol#protocol_api_keys
    public const short OffsetCommit = 8;
    public const short Heartbeat = 12;
    public const short SyncGroup = 14;

    private readonly IntPtr _client;
    private readonly IntPtr _cluster;

    public MockCluster(params (string Name, int Partitions)[] topics)
    {
        // Confluent.Kafka's own resolution of the library, so that both are the same one.
        _ = Library.VersionString;
        _client = New(Producer, NewConf(), new byte[512], 512);
        if (_client == IntPtr.Zero)
            throw new InvalidOperationException("librdkafka gives no client for the mock cluster.");
        _cluster = NewCluster(_client, 1);
        foreach (var (name, partitions) in topics)
            CreateTopic(_cluster, name, partitions, 1);
    }

    /// <summary>Where its broker listens.</summary>
    public string BootstrapServers => Marshal.PtrToStringUTF8(Bootstraps(_cluster))!;

    /// <summary>The next requests of this kind are answered with these errors, one after the other.</summary>
    public void Answer(short request, params ErrorCode[] errors) =>
        PushErrors(_cluster, request, (nuint)errors.Length, [.. errors.Select(error => (int)error)]);

    /// <summary>From now on requests of this kind are answered as they should be.</summary>
    public void AnswerWell(short request) => ClearErrors(_cluster, request);

    public void Dispose()
    {
        DestroyCluster(_cluster);
        Destroy(_client);
    }

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_conf_new")]
    private static partial IntPtr NewConf();

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_new")]
    private static partial IntPtr New(int type, IntPtr conf, [Out] byte[] error, nuint errorSize);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_destroy")]
    private static partial void Destroy(IntPtr client);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial IntPtr NewCluster(IntPtr client, int brokers);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void DestroyCluster(IntPtr cluster);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial IntPtr Bootstraps(IntPtr cluster);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateTopic(IntPtr cluster, string topic, int partitions, int replicas);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_clear_request_errors")]
    private static partial void ClearErrors(IntPtr cluster, short request);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushErrors(IntPtr cluster, short request, nuint count, int[] errors);
}
