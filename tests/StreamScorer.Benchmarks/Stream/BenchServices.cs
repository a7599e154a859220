using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.LocalServices;
using StreamScorer.Sinks;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// A Kafka and a PostgreSQL for one benchmark, in a folder that goes with them unless it was given to be kept: then a
/// further run finds the services and the topics it needs.
/// </summary>
internal sealed class BenchServices : IAsyncDisposable
{
    // When each transaction was committed: the server notes it, so that nobody has to ask again and again.
    private static readonly Dictionary<string, string> PostgresSettings = new() { ["track_commit_timestamp"] = "on" };

    private readonly string _folder;
    private readonly bool _keep;
    private readonly PosixSignalRegistration _terminated;

    private BenchServices(string folder, bool keep, LocalServiceSet set)
    {
        _folder = folder;
        _keep = keep;
        Set = set;
        // A benchmark that is told to stop must not leave a broker behind.
        _terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => DisposeAsync().AsTask().Wait());
    }

    /// <summary>Settings of every worker and stage beside the addresses: <c>Checkpoint:MaxRows=100000</c>.</summary>
    public IReadOnlyList<string> Settings { get; set; } = [];

    /// <summary>The services.</summary>
    public LocalServiceSet Set { get; }

    /// <summary>The broker.</summary>
    public KafkaAddress Kafka => Set.Kafka.Address;

    /// <summary>CPU used so far by the broker, its ZooKeeper left out.</summary>
    public TimeSpan BrokerCpu => ProcessTimes.Of(Set.Kafka.Broker!.Pid);

    /// <summary>CPU used so far by the database server and all its processes.</summary>
    public TimeSpan PostgresCpu => ProcessTimes.OfTree(Set.Postgres.Process!.Pid);

    /// <summary>Starts both.</summary>
    /// <param name="keptFolder">Where they stay after the run; null: in a temporary folder, gone afterwards.</param>
    /// <param name="postgresSettings">Settings of the database server, <c>shared_buffers=2GB</c>, beside its own defaults.</param>
    public static async Task<BenchServices> StartAsync(string? keptFolder, IEnumerable<string>? postgresSettings = null)
    {
        var postgres = new Dictionary<string, string>(PostgresSettings);
        foreach (var setting in postgresSettings ?? [])
            postgres[setting.Split('=')[0]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];

        var folder = keptFolder ?? Path.Combine(Path.GetTempPath(), "streamscorer-bench-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(folder);
        // The database server runs as a user of its own, who must get in.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        return new BenchServices(folder, keptFolder is not null, await LocalServiceSet.StartAsync(folder, postgresSettings: postgres));
    }

    /// <summary>A topic, a group, a database schema and a folder that nobody has used before.</summary>
    public async Task<BenchScope> CreateScopeAsync(string topic, string name)
    {
        var unique = string.Create(CultureInfo.InvariantCulture, $"bench_{name}_{Guid.NewGuid().ToString("N")[..8]}");
        await using (var connection = new NpgsqlConnection(Set.Postgres.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand($"create schema {unique}", connection);
            await command.ExecuteNonQueryAsync();
        }

        var folder = Directory.CreateDirectory(Path.Combine(_folder, "runs", unique)).FullName;
        return new BenchScope(this, topic, unique, folder);
    }

    /// <summary>Removes a scope's tables, lest the server vacuums them while the next measurement runs.</summary>
    public async Task DropTablesAsync(BenchScope scope)
    {
        await using var connection = new NpgsqlConnection(Set.Postgres.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"drop schema {scope.Name} cascade; checkpoint", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _terminated.Dispose();
        if (_keep)
            return;
        await LocalServiceSet.StopAsync(_folder);
        if (Directory.Exists(_folder))
            LocalServiceSet.Wipe(_folder);
    }
}

/// <summary>What one run has for itself.</summary>
internal sealed class BenchScope(BenchServices services, string topic, string name, string folder)
{
    /// <summary>Of the database schema.</summary>
    public string Name => name;

    /// <summary>An empty folder.</summary>
    public string Folder => folder;

    /// <summary>For Npgsql; leads to this run's schema.</summary>
    public string ConnectionString { get; } =
        new NpgsqlConnectionStringBuilder(services.Set.Postgres.ConnectionString) { SearchPath = name }.ConnectionString;

    /// <summary>Makes the tables and an API key that may ask as often as it likes.</summary>
    public async Task<string> CreateKeyAsync(IReadOnlyList<string> scopes, CancellationToken ct)
    {
        await using var dataSource = NpgsqlDataSource.Create(ConnectionString);
        await Migrations.ApplyAsync(dataSource, ct);
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return await ApiKeyTable.CreateAsync(
            connection, new NewApiKey("bench", scopes, null, 10_000_000, null, TimeSpan.Zero), "bench", ct);
    }

    /// <summary>The settings of a worker, names with colons.</summary>
    public Dictionary<string, string?> Settings()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = services.Kafka.BootstrapServers,
            ["Kafka:Topic"] = topic,
            ["Kafka:GroupId"] = name,
            ["ConnectionStrings:HotLeads"] = ConnectionString,
            ["Checkpoint:Folder"] = Path.Combine(folder, "checkpoints"),
        };
        foreach (var (property, value) in services.Kafka.ClientProperties)
            settings[$"Kafka:Properties:{property.Replace('.', '_')}"] = value;
        foreach (var setting in services.Settings)
            settings[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return settings;
    }

    /// <summary>The same, bound.</summary>
    public StreamScorerOptions Options() =>
        SettingsBinder.Bind(new ConfigurationBuilder().AddInMemoryCollection(Settings()).Build());
}
