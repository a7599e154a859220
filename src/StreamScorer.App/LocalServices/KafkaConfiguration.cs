using System.Globalization;
using System.Text;

namespace StreamScorer.App.LocalServices;

/// <summary>The settings files and the command line of ZooKeeper or of the broker.</summary>
internal sealed class KafkaConfiguration
{
    private readonly string _folder;
    private readonly string _name;
    private readonly string _mainClass;
    private readonly string _heap;
    private readonly string[] _javaOptions;

    private KafkaConfiguration(
        string folder, string name, string mainClass, string heap, string[] javaOptions,
        IReadOnlyDictionary<string, string> settings)
    {
        _folder = folder;
        _name = name;
        _mainClass = mainClass;
        _heap = heap;
        _javaOptions = javaOptions;
        Settings = settings;
    }

    /// <summary>
    /// Where consumer groups keep their offsets. The broker makes it at the first group's first request and turns
    /// that request away meanwhile; made beforehand, the first group joins at once.
    /// </summary>
    public static TopicSpec OffsetsTopic { get; } = new("__consumer_offsets", 4, new Dictionary<string, string>
    {
        ["cleanup.policy"] = "compact",
        ["compression.type"] = "uncompressed",
        ["segment.bytes"] = "104857600",
    });

    /// <summary>What the settings file holds.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    public string LogPath => Path.Combine(_folder, _name + ".log");

    private string SettingsPath => Path.Combine(_folder, _name + ".properties");

    private string LoggingPath => Path.Combine(_folder, "log4j.properties");

    public static KafkaConfiguration ZooKeeper(string folder, int port) =>
        new(folder, "zookeeper", "org.apache.zookeeper.server.quorum.QuorumPeerMain", "-Xmx128m",
            // Without fsync: data survives the end of the process; only a power cut could take it.
            ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.forceSync=no"],
            new Dictionary<string, string>
            {
                ["dataDir"] = Path.Combine(folder, "zookeeper"),
                ["clientPort"] = Number(port),
                ["clientPortAddress"] = "127.0.0.1",
                ["maxClientCnxns"] = "0",
                ["tickTime"] = "500",
            });

    public static KafkaConfiguration Broker(
        string folder, int port, int zooKeeperPort, IReadOnlyDictionary<string, string> overrides)
    {
        var listener = $"PLAINTEXT://127.0.0.1:{Number(port)}";
        var settings = new Dictionary<string, string>
        {
            ["broker.id"] = "0",
            ["listeners"] = listener,
            ["advertised.listeners"] = listener,
            ["zookeeper.connect"] = $"127.0.0.1:{Number(zooKeeperPort)}",
            ["log.dirs"] = Path.Combine(folder, "data"),
            ["log.retention.hours"] = "-1",
            ["log.cleaner.dedupe.buffer.size"] = "2097152",
            ["auto.create.topics.enable"] = "false",
            ["delete.topic.enable"] = "true",
            ["offsets.topic.num.partitions"] = Number(OffsetsTopic.Partitions),
            ["offsets.topic.replication.factor"] = "1",
            ["group.min.session.timeout.ms"] = "1000",
            ["group.max.session.timeout.ms"] = "300000",
        };
        foreach (var (name, value) in overrides)
            settings[name] = value;
        return new KafkaConfiguration(folder, "broker", "kafka.Kafka", "-Xmx512m", [], settings);
    }

    /// <summary>Writes the settings files.</summary>
    public void Write()
    {
        Directory.CreateDirectory(_folder);
        var text = new StringBuilder();
        foreach (var (key, value) in Settings)
            text.Append(key).Append('=').Append(value).Append('\n');
        File.WriteAllText(SettingsPath, text.ToString());
        File.WriteAllText(LoggingPath, """
            log4j.rootLogger=INFO, console
            log4j.logger.kafka.request.logger=WARN
            log4j.logger.kafka.network.RequestChannel$=WARN
            log4j.logger.kafka.log.LogCleaner=WARN
            log4j.logger.state.change.logger=WARN
            log4j.logger.org.apache.zookeeper=WARN
            log4j.appender.console=org.apache.log4j.ConsoleAppender
            log4j.appender.console.layout=org.apache.log4j.PatternLayout
            log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %m (%c)%n

            """);
    }

    public IReadOnlyList<string> Command() =>
    [
        ServicePrograms.Java(), _heap, .. _javaOptions, $"-Dlog4j.configuration=file:{LoggingPath}",
        "-cp", Path.Combine(ServicePrograms.KafkaLibraries(), "*"), _mainClass, SettingsPath,
    ];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
