using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Demo;

/// <summary>
/// The Kafka and PostgreSQL of a demo: those the environment names, else the local ones. Local services that a demo
/// started are stopped by the last demo that uses them; services of <c>up</c> are left running.
/// </summary>
internal sealed class DemoServices : IAsyncDisposable
{
    private readonly string? _folder;
    private readonly FileStream? _use;

    private DemoServices(KafkaAddress kafka, string connectionString, string? folder, FileStream? use)
    {
        Kafka = kafka;
        ConnectionString = connectionString;
        _folder = folder;
        _use = use;
    }

    /// <summary>How to reach the broker.</summary>
    public KafkaAddress Kafka { get; }

    /// <summary>How to reach PostgreSQL.</summary>
    public string ConnectionString { get; }

    /// <summary>Finds or starts the services and returns when both answer.</summary>
    /// <exception cref="LocalServiceException">A local service is not installed or does not start.</exception>
    public static async Task<DemoServices> StartAsync(CancellationToken ct)
    {
        var kafka = KafkaAddress.FromEnvironment();
        var database = Environment.GetEnvironmentVariable("ConnectionStrings__HotLeads");
        if (kafka is not null && !string.IsNullOrWhiteSpace(database))
            return new DemoServices(kafka, database, null, null);

        var folder = LocalServiceSet.DefaultFolder;
        var use = BeginUse(folder);
        var running = LocalServiceSet.TryAttach(folder);
        if (running is null)
        {
            running = await LocalServiceSet.StartAsync(folder, cancellationToken: ct).ConfigureAwait(false);
            await File.WriteAllTextAsync(StartedByDemo(folder), "", ct).ConfigureAwait(false);
        }

        return new DemoServices(running.Kafka.Address, running.Postgres.ConnectionString, folder, use);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
            return;
        var path = _use!.Name;
        await _use.DisposeAsync().ConfigureAwait(false);
        File.Delete(path);
        if (!File.Exists(StartedByDemo(_folder)) || IsUsed(_folder))
            return;
        File.Delete(StartedByDemo(_folder));
        await LocalServiceSet.StopAsync(_folder).ConfigureAwait(false);
    }

    private static string StartedByDemo(string folder) => Path.Combine(folder, "started-by-demo");

    private static FileStream BeginUse(string folder)
    {
        var uses = Directory.CreateDirectory(Path.Combine(folder, "uses")).FullName;
        return new FileStream(Path.Combine(uses, Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>A use whose file can be opened belongs to a demo that has died; it is cleared away.</summary>
    private static bool IsUsed(string folder)
    {
        foreach (var use in Directory.EnumerateFiles(Path.Combine(folder, "uses")))
        {
            try
            {
                using (new FileStream(use, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    File.Delete(use);
            }
            catch (IOException)
            {
                return true;
            }
        }

        return false;
    }
}
