using System.Globalization;
using Npgsql;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Soak;

/// <summary>
/// A Kafka and a PostgreSQL of the soak's own, each behind a proxy of ours, and the folder of the checkpoints, on a small
/// disk of its own where that is allowed.
/// </summary>
internal sealed class SoakServices : IAsyncDisposable
{
    public const string Topic = "soak-events";
    public const string GroupId = "soak-scorers";

    private const long DiskBytesPerEvent = 400;
    private const long SmallestDiskBytes = 64L << 20;
    private const long LargestDiskBytes = 2L << 30;

    private readonly LocalServiceSet _services;

    private SoakServices(string folder, LocalServiceSet services, TcpProxy kafkaProxy, TcpProxy postgresProxy, CommitCut commits, SmallDisk? disk)
    {
        Folder = folder;
        _services = services;
        KafkaProxy = kafkaProxy;
        PostgresProxy = postgresProxy;
        Commits = commits;
        Disk = disk;
    }

    /// <summary>All files of the soak.</summary>
    public string Folder { get; }

    /// <summary>The broker.</summary>
    public LocalKafka Kafka => _services.Kafka;

    /// <summary>The database.</summary>
    public LocalPostgres Postgres => _services.Postgres;

    /// <summary>Every client's way to the broker.</summary>
    public TcpProxy KafkaProxy { get; }

    /// <summary>The workers' way to the database.</summary>
    public TcpProxy PostgresProxy { get; }

    /// <summary>Cuts connections to the database in the COMMIT of a registration.</summary>
    public CommitCut Commits { get; }

    /// <summary>The disk of the checkpoints; null where none could be mounted.</summary>
    public SmallDisk? Disk { get; }

    /// <summary>The checkpoints' archive root.</summary>
    public string CheckpointFolder => CheckpointsIn(Folder);

    /// <summary>Starts everything in an empty folder.</summary>
    /// <exception cref="LocalServiceException">Kafka or PostgreSQL is not installed or does not start.</exception>
    public static async Task<SoakServices> StartAsync(string folder, SoakOptions options, CancellationToken ct)
    {
        var brokerPort = LoopbackPort.Find();
        var commits = new CommitCut();
        // The broker sends its clients to the proxy: after the first answer every connection goes through it.
        var kafkaProxy = TcpProxy.Start(brokerPort);
        var brokerSettings = new Dictionary<string, string>
        {
            ["advertised.listeners"] = string.Create(CultureInfo.InvariantCulture, $"PLAINTEXT://127.0.0.1:{kafkaProxy.Port}"),
        };
        var services = await LocalServiceSet.StartAsync(
            Path.Combine(folder, "services"), new LocalServicePorts(Kafka: brokerPort), brokerSettings, cancellationToken: ct);
        await KafkaTopics.CreateAsync(services.Kafka.Address, KafkaTopics.ForSource(Topic, SoakOptions.Partitions), ct);
        return new SoakServices(
            folder, services, kafkaProxy, TcpProxy.Start(services.Postgres.Port, clientBytes: commits.For), commits, MountDisk(folder, options));
    }

    /// <summary>What a worker is told of all this.</summary>
    public Dictionary<string, string> WorkerSettings() => new(ProxiedKafka.ToEnvironment())
    {
        ["Kafka__Topic"] = Topic,
        ["Kafka__GroupId"] = GroupId,
        ["Kafka__SessionTimeout"] = "00:00:06",
        ["Kafka__DrainBudget"] = "00:00:04",
        ["ConnectionStrings__HotLeads"] = new NpgsqlConnectionStringBuilder(Postgres.ConnectionString)
        {
            Port = PostgresProxy.Port,
            CommandTimeout = 10,
        }.ConnectionString,
        ["Checkpoint__Folder"] = CheckpointFolder,
        ["Checkpoint__MaxAge"] = "00:00:02",
        ["Checkpoint__SettleInterval"] = "00:00:05",
        // Several workers on one machine: each takes free ports.
        ["Api__Urls"] = "http://127.0.0.1:0",
        ["Api__ManagementUrls"] = "http://127.0.0.1:0",
    };

    /// <summary>The broker by the proxy's address.</summary>
    public KafkaAddress ProxiedKafka => Kafka.Address with
    {
        BootstrapServers = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{KafkaProxy.Port}"),
    };

    /// <summary>Ends every trouble: all runs, answers and has room.</summary>
    public async Task HealAsync()
    {
        Commits.Disarm();
        PostgresProxy.Release();
        PostgresProxy.Accept();
        KafkaProxy.Release();
        KafkaProxy.Accept();
        Disk?.Free();
        await Kafka.RestartAsync();
        await Postgres.RestartAsync();
    }

    /// <summary>Stops what a soak that was killed left running or mounted in the folder, and removes its files.</summary>
    public static async Task ClearAsync(string folder)
    {
        var services = Path.Combine(folder, "services");
        await LocalServiceSet.StopAsync(services);
        LocalServiceSet.Wipe(services);
        SmallDisk.Clear(CheckpointsIn(folder));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await LocalServiceSet.StopAsync(Path.Combine(Folder, "services"));
        await KafkaProxy.DisposeAsync();
        await PostgresProxy.DisposeAsync();
    }

    private static string CheckpointsIn(string folder) => Path.Combine(folder, "checkpoints");

    private static SmallDisk? MountDisk(string folder, SoakOptions options)
    {
        var bytes = SmallestDiskBytes + (long)(options.Duration.TotalSeconds * options.EventsPerSecond) * DiskBytesPerEvent;
        return bytes > LargestDiskBytes ? null : SmallDisk.TryMount(CheckpointsIn(folder), bytes);
    }
}
