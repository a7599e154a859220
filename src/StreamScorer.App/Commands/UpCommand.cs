using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Commands;

/// <summary><c>up</c>: starts the local Kafka and PostgreSQL and makes the topics. They stay until <c>down</c>.</summary>
internal static class UpCommand
{
    private const int DefaultPartitions = 4;

    public static Command Create()
    {
        var kafkaPort = PortOption("--kafka-port", "Kafka");
        var zooKeeperPort = PortOption("--zookeeper-port", "ZooKeeper");
        var postgresPort = PortOption("--postgres-port", "PostgreSQL");
        var topic = new Option<string>("--topic")
        {
            Description = "Topic of the lead events; NAME.dead-letters is made beside it.",
            DefaultValueFactory = _ => "user-events",
            HelpName = "NAME",
        };
        var partitions = BoundedOption.Int(
            "--partitions", "Partitions of each topic that does not exist yet.", 1, 1000, DefaultPartitions);
        var command = new Command(
            "up", "Start a local Kafka and PostgreSQL (127.0.0.1 only) that run until `down`; data in .local/services.")
        {
            kafkaPort, zooKeeperPort, postgresPort, topic, partitions,
        };
        command.SetAction((parsed, cancellation) => UpAsync(
            new LocalServicePorts(
                parsed.GetValue(kafkaPort), parsed.GetValue(zooKeeperPort), parsed.GetValue(postgresPort)),
            parsed.GetRequiredValue(topic),
            parsed.GetValue(partitions) ?? DefaultPartitions,
            cancellation));
        return command;
    }

    private static async Task<int> UpAsync(
        LocalServicePorts ports, string topic, int partitions, CancellationToken cancellationToken)
    {
        var took = Stopwatch.StartNew();
        var services = await LocalServiceSet.StartAsync(
            LocalServiceSet.DefaultFolder, ports, cancellationToken: cancellationToken);
        await KafkaTopics.CreateAsync(
            services.Kafka.Address, KafkaTopics.ForSource(topic, partitions), cancellationToken);
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            Kafka      {services.Kafka.BootstrapServers}  topics {topic}, {topic}.dead-letters, lead-outcomes
            PostgreSQL 127.0.0.1:{services.Postgres.Port}  database streamscorer
            Ready after {took.Elapsed.TotalSeconds:F1} s. For a shell: eval "$(./streamscorer env)". To stop: ./streamscorer down
            """));
        return 0;
    }

    private static Option<int?> PortOption(string name, string service) => BoundedOption.Int(
        name, $"Port of {service}; else the one of the last start when it is free, else any free one.", 1, 65535);
}
