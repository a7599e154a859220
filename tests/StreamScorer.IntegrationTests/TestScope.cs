using System.Runtime.CompilerServices;
using Npgsql;
using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests;

/// <summary>
/// What one test has for itself in the shared services: a topic with its dead-letter topic, a consumer group, a
/// database schema, a folder. The schema and the folder go with the scope; topics stay until the broker goes.
/// </summary>
internal sealed class TestScope : IAsyncDisposable
{
    private readonly string _ownerConnectionString;

    private TestScope(KafkaAddress kafka, string connectionString, string? parentFolder, string name)
    {
        Kafka = kafka;
        _ownerConnectionString = connectionString;
        Topic = name;
        GroupId = name;
        Schema = name.Replace('-', '_');
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = Schema }.ConnectionString;
        // Inside a guarded folder where there is one: that goes even when the test host is killed.
        Folder = parentFolder is null
            ? OwnServices.NewFolder()
            : Directory.CreateDirectory(Path.Combine(parentFolder, "scopes", name)).FullName;
    }

    public KafkaAddress Kafka { get; }

    public string Topic { get; }

    public string DeadLetterTopic => Topic + ".dead-letters";

    public string GroupId { get; }

    public string Schema { get; }

    /// <summary>For Npgsql; its search path is <see cref="Schema"/>, which exists and is empty.</summary>
    public string ConnectionString { get; }

    /// <summary>An empty folder.</summary>
    public string Folder { get; }

    /// <summary>A checkpoint folder inside <see cref="Folder"/>, not made yet.</summary>
    public string CheckpointFolder => Path.Combine(Folder, "checkpoints");

    /// <summary>A scope in the shared services.</summary>
    /// <param name="partitions">Partitions of the topic and of its dead-letter topic.</param>
    /// <param name="topicSettings">Settings of the topic, such as <c>max.message.bytes</c>.</param>
    /// <param name="test">The test's name, for the names of things.</param>
    public static async Task<TestScope> CreateAsync(
        int partitions = 1,
        IReadOnlyDictionary<string, string>? topicSettings = null,
        [CallerMemberName] string test = "")
    {
        var services = await Services.GetAsync();
        return await CreateAsync(
            services.Kafka, services.ConnectionString, services.Folder, partitions, topicSettings, test);
    }

    /// <summary>A scope in services that the test has started itself.</summary>
    public static Task<TestScope> CreateAsync(
        OwnServices services,
        int partitions = 1,
        IReadOnlyDictionary<string, string>? topicSettings = null,
        [CallerMemberName] string test = "") =>
        CreateAsync(
            services.Kafka.Address, services.Postgres.ConnectionString, services.Folder, partitions, topicSettings, test);

    /// <summary>The scope as settings of a worker: for <c>AddInMemoryCollection</c>, names with colons.</summary>
    public Dictionary<string, string?> ToSettings()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = Kafka.BootstrapServers,
            ["Kafka:Topic"] = Topic,
            ["Kafka:GroupId"] = GroupId,
            ["ConnectionStrings:HotLeads"] = ConnectionString,
            ["Checkpoint:Folder"] = CheckpointFolder,
        };
        foreach (var (name, value) in Kafka.ClientProperties)
            settings[$"Kafka:Properties:{name.Replace('.', '_')}"] = value;
        return settings;
    }

    /// <summary>The same as variables of the environment, for a worker in a process of its own.</summary>
    public Dictionary<string, string?> ToEnvironment() =>
        ToSettings().ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await ExecuteAsync($"DROP SCHEMA IF EXISTS {Schema} CASCADE");
        }
        catch (NpgsqlException)
        {
            // The test has stopped the server, or a session holds the tables; the database goes at the end anyway.
        }
        finally
        {
            if (Directory.Exists(Folder))
                Directory.Delete(Folder, recursive: true);
        }
    }

    private static async Task<TestScope> CreateAsync(
        KafkaAddress kafka, string connectionString, string? parentFolder, int partitions,
        IReadOnlyDictionary<string, string>? topicSettings, string test)
    {
        // Topic names end at 249 characters, schema names at 63.
        var words = new string(test.Where(char.IsAsciiLetterOrDigit).Take(40).ToArray()).ToLowerInvariant();
        var scope = new TestScope(kafka, connectionString, parentFolder, $"t-{words}-{Guid.NewGuid().ToString("N")[..8]}");
        await scope.ExecuteAsync($"CREATE SCHEMA {scope.Schema}");
        await KafkaTopics.CreateAsync(
            kafka,
            [
                new TopicSpec(scope.Topic, partitions, topicSettings),
                new TopicSpec(scope.DeadLetterTopic, partitions, new Dictionary<string, string>
                {
                    ["max.message.bytes"] = "8388608",
                }),
            ]);
        return scope;
    }

    private async Task ExecuteAsync(string sql)
    {
        var text = new NpgsqlConnectionStringBuilder(_ownerConnectionString) { Pooling = false, CommandTimeout = 10 };
        await using var connection = new NpgsqlConnection(text.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SET lock_timeout = '5s'; " + sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
