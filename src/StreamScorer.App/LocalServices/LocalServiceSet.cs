namespace StreamScorer.App.LocalServices;

/// <summary>
/// The local Kafka and PostgreSQL together: <c>up</c>, <c>demo</c>, the tests and the benches start them through this.
/// </summary>
public sealed class LocalServiceSet
{
    private LocalServiceSet(string folder, LocalKafka kafka, LocalPostgres postgres)
    {
        Folder = folder;
        Kafka = kafka;
        Postgres = postgres;
    }

    /// <summary>The folder that <c>up</c>, <c>down</c> and <c>env</c> use: <c>.local/services</c>, which git ignores.</summary>
    public static string DefaultFolder => InstallationFolder.Local("services");

    public string Folder { get; }

    public LocalKafka Kafka { get; }

    public LocalPostgres Postgres { get; }

    /// <summary>Starts both at once and returns when both answer. What already runs in the folder is taken as it is.</summary>
    /// <param name="folder">Of both; created when absent.</param>
    /// <param name="ports">Where to listen; null: any free ports.</param>
    /// <param name="brokerSettings">Further settings of the broker.</param>
    /// <param name="postgresSettings">Further settings of the database server.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="LocalServiceException">One is not installed or does not start; the other is stopped again.</exception>
    public static async Task<LocalServiceSet> StartAsync(
        string folder,
        LocalServicePorts? ports = null,
        IReadOnlyDictionary<string, string>? brokerSettings = null,
        IReadOnlyDictionary<string, string>? postgresSettings = null,
        CancellationToken cancellationToken = default)
    {
        var kafka = LocalKafka.StartAsync(
            KafkaFolder(folder), ports?.Kafka, ports?.ZooKeeper, brokerSettings, cancellationToken);
        var postgres = LocalPostgres.StartAsync(
            PostgresFolder(folder), ports?.Postgres, postgresSettings, cancellationToken);
        try
        {
            await Task.WhenAll(kafka, postgres);
        }
        catch
        {
            if (kafka.IsCompletedSuccessfully)
                await kafka.Result.StopAsync(CancellationToken.None);
            if (postgres.IsCompletedSuccessfully)
                await postgres.Result.StopAsync(CancellationToken.None);
            throw;
        }
        return new LocalServiceSet(folder, await kafka, await postgres);
    }

    /// <summary>What runs in the folder; null unless both run.</summary>
    public static LocalServiceSet? TryAttach(string folder) =>
        LocalKafka.TryAttach(KafkaFolder(folder)) is { } kafka && LocalPostgres.TryAttach(PostgresFolder(folder)) is { } postgres
            ? new LocalServiceSet(folder, kafka, postgres)
            : null;

    /// <summary>Stops whatever runs in the folder. True when something did.</summary>
    public static async Task<bool> StopAsync(string folder, CancellationToken cancellationToken = default)
    {
        var stopped = await Task.WhenAll(
            LocalKafka.StopInAsync(KafkaFolder(folder), cancellationToken),
            LocalPostgres.StopInAsync(PostgresFolder(folder), cancellationToken));
        return stopped.Contains(true);
    }

    /// <summary>Removes the data of services that have been stopped.</summary>
    public static void Wipe(string folder)
    {
        LocalKafka.Wipe(KafkaFolder(folder));
        LocalPostgres.Wipe(PostgresFolder(folder));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>The addresses as settings of the worker, for a child process or a shell.</summary>
    public IReadOnlyDictionary<string, string> ToEnvironment() =>
        new Dictionary<string, string>(Kafka.Address.ToEnvironment())
        {
            ["ConnectionStrings__HotLeads"] = Postgres.ConnectionString,
        };

    private static string KafkaFolder(string folder) => Path.Combine(folder, "kafka");

    private static string PostgresFolder(string folder) => Path.Combine(folder, "postgres");
}

/// <summary>Ports to listen on; null: the one of the last start when it is free, else any free one.</summary>
public sealed record LocalServicePorts(int? Kafka = null, int? ZooKeeper = null, int? Postgres = null);
