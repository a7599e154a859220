using System.Text;
using Confluent.Kafka;
using Npgsql;
using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.IntegrationTests.LocalServices;

public sealed class LocalServiceSetTests
{
    [RequiresServicesFact]
    public async Task Records_and_committed_offsets_survive_a_killed_broker()
    {
        await using var own = await OwnServices.StartAsync();
        var topic = new TopicSpec("orders-before-kill", 3);
        await KafkaTopics.CreateAsync(own.Kafka.Address, [topic]);
        await ProduceAsync(own.Kafka.Address, topic.Name, "first", "second");
        Commit(own.Kafka.Address, topic.Name, new Offset(1));
        var servers = own.Kafka.BootstrapServers;

        await own.Kafka.KillBrokerAsync();
        Assert.False(own.Kafka.Answers());
        await own.Kafka.RestartAsync();

        Assert.Equal(servers, own.Kafka.BootstrapServers);
        Assert.Equal("second", ConsumeFromCommitted(own.Kafka.Address, topic.Name));
    }

    [RequiresServicesFact]
    public async Task Committed_rows_survive_a_killed_server()
    {
        await using var own = await OwnServices.StartAsync();
        await ExecuteAsync(own.Postgres, "CREATE TABLE kept (value int); INSERT INTO kept VALUES (42)");

        await own.Postgres.KillAsync();
        Assert.False(await own.Postgres.AnswersAsync());
        await own.Postgres.RestartAsync();

        Assert.Equal(42, await ExecuteAsync(own.Postgres, "SELECT value FROM kept"));
    }

    [RequiresServicesFact]
    public async Task A_second_start_in_the_same_folder_finds_the_first()
    {
        await using var own = await OwnServices.StartAsync();

        var again = await LocalServiceSet.StartAsync(own.Folder);

        Assert.Equal(own.Kafka.Broker, again.Kafka.Broker);
        Assert.Equal(own.Postgres.Process, again.Postgres.Process);
        Assert.Equal(own.Set.ToEnvironment(), LocalServiceSet.TryAttach(own.Folder)!.ToEnvironment());
    }

    [RequiresServicesFact]
    public async Task Stop_ends_the_processes_and_the_data_serves_the_next_start()
    {
        await using var own = await OwnServices.StartAsync();
        ProcessIdentity[] processes = [own.Kafka.Broker!, own.Kafka.Keeper!, own.Postgres.Process!];
        await KafkaTopics.CreateAsync(own.Kafka.Address, [new TopicSpec("kept-over-stop", 2)]);
        await ProduceAsync(own.Kafka.Address, "kept-over-stop", "first", "second");

        Assert.True(await LocalServiceSet.StopAsync(own.Folder));
        Assert.All(processes, process => Assert.False(process.IsAlive));
        Assert.Null(LocalServiceSet.TryAttach(own.Folder));
        Assert.False(await LocalServiceSet.StopAsync(own.Folder));

        var next = await LocalServiceSet.StartAsync(own.Folder);
        Commit(next.Kafka.Address, "kept-over-stop", new Offset(1));
        Assert.Equal("second", ConsumeFromCommitted(next.Kafka.Address, "kept-over-stop"));
    }

    [RequiresServicesFact]
    public async Task A_port_in_use_is_an_error_that_shows_the_log()
    {
        await using var own = await OwnServices.StartAsync();
        var other = Path.Combine(own.Folder, "other");

        var failure = await Assert.ThrowsAsync<LocalServiceException>(
            () => LocalPostgres.StartAsync(other, port: own.Postgres.Port));

        Assert.Contains("PostgreSQL did not start", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Address already in use", failure.Message, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_folder_that_only_its_owner_may_enter_serves_too()
    {
        var folder = Directory.CreateTempSubdirectory("streamscorer-private-").FullName;
        using var guard = ExitGuard.ForFolder(folder);

        var postgres = await LocalPostgres.StartAsync(folder);
        Assert.Equal(1, await ExecuteAsync(postgres, "SELECT 1"));
        await postgres.StopAsync();
        LocalPostgres.Wipe(folder);

        Assert.False(Directory.Exists(folder));
        Assert.False(Directory.Exists(postgres.DataFolder));
    }

    [RequiresServicesFact]
    public async Task A_topic_takes_records_as_large_as_its_setting_allows()
    {
        await using var scope = await TestScope.CreateAsync(
            topicSettings: new Dictionary<string, string> { ["max.message.bytes"] = "4194304" });
        var config = scope.Kafka.Apply(new ProducerConfig { MessageMaxBytes = 4_000_000 });
        using var producer = new ProducerBuilder<Null, byte[]>(config).Build();

        var delivered = await producer.ProduceAsync(
            scope.Topic, new Message<Null, byte[]> { Value = new byte[2 * 1024 * 1024] });

        Assert.Equal(0, delivered.Offset.Value);
    }

    private static async Task ProduceAsync(KafkaAddress kafka, string topic, params string[] values)
    {
        using var producer = new ProducerBuilder<Null, string>(kafka.Apply(new ProducerConfig())).Build();
        foreach (var value in values)
            await producer.ProduceAsync(new TopicPartition(topic, 1), new Message<Null, string> { Value = value });
    }

    private static void Commit(KafkaAddress kafka, string topic, Offset nextOffset)
    {
        using var consumer = NewConsumer(kafka);
        consumer.Commit([new TopicPartitionOffset(topic, 1, nextOffset)]);
    }

    private static string ConsumeFromCommitted(KafkaAddress kafka, string topic)
    {
        using var consumer = NewConsumer(kafka);
        var committed = consumer.Committed([new TopicPartition(topic, 1)], TimeSpan.FromSeconds(20)).Single();
        consumer.Assign(committed);
        var record = consumer.Consume(TimeSpan.FromSeconds(20));
        return Encoding.UTF8.GetString(record.Message.Value);
    }

    private static IConsumer<Ignore, byte[]> NewConsumer(KafkaAddress kafka) =>
        new ConsumerBuilder<Ignore, byte[]>(kafka.Apply(new ConsumerConfig
        {
            GroupId = "local-service-tests",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Error,
        })).Build();

    private static async Task<object?> ExecuteAsync(LocalPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
