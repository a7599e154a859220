using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests;

/// <summary>
/// A Kafka and a PostgreSQL for one test alone, in a temporary folder, to be killed and started again at will.
/// Takes about three seconds to start: tests that only need a topic of their own take a <see cref="TestScope"/>.
/// </summary>
internal sealed class OwnServices : IAsyncDisposable
{
    private readonly ExitGuard _guard;

    private OwnServices(string folder, ExitGuard guard, LocalServiceSet set)
    {
        Folder = folder;
        _guard = guard;
        Set = set;
    }

    public string Folder { get; }

    public LocalServiceSet Set { get; }

    public LocalKafka Kafka => Set.Kafka;

    public LocalPostgres Postgres => Set.Postgres;

    public static async Task<OwnServices> StartAsync(
        LocalServicePorts? ports = null, IReadOnlyDictionary<string, string>? brokerSettings = null)
    {
        var folder = NewFolder();
        var guard = ExitGuard.ForFolder(folder);
        try
        {
            return new OwnServices(folder, guard, await LocalServiceSet.StartAsync(folder, ports, brokerSettings));
        }
        catch
        {
            guard.Dispose();
            throw;
        }
    }

    /// <summary>A new folder that the user of the database server may enter too, which is not so for .NET's own.</summary>
    internal static string NewFolder()
    {
        var folder = Path.Combine(Path.GetTempPath(), "streamscorer-test-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(
            folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return folder;
    }

    public ValueTask DisposeAsync()
    {
        _guard.Dispose();
        return ValueTask.CompletedTask;
    }
}
