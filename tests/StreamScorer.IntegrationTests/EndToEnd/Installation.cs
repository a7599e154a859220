using System.Diagnostics;
using System.Text;
using StreamScorer.App;
using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests.EndToEnd;

/// <summary>
/// An installation of its own for one test: a folder with the shipped data, no models, and nothing in <c>.local</c>, in
/// which verbs run as processes the way the launcher runs them.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly ExitGuard _guard;

    private Installation(string folder)
    {
        Folder = folder;
        _guard = ExitGuard.ForFolder(folder);
        Environment["STREAMSCORER_HOME"] = folder;
        Environment["STREAMSCORER_KAFKA_LIBS"] = ServicePrograms.KafkaLibraries();
    }

    /// <summary>The installation's folder; verbs run in it.</summary>
    public string Folder { get; }

    /// <summary>Variables that every verb gets; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = new()
    {
        ["Kafka__BootstrapServers"] = null,
        ["ConnectionStrings__HotLeads"] = null,
        ["STREAMSCORER_ZOOKEEPER"] = null,
        ["Api__Urls"] = "http://127.0.0.1:0",
        ["Api__ManagementUrls"] = "http://127.0.0.1:0",
    };

    /// <summary>A new installation with the shipped data, linked.</summary>
    public static Installation Create()
    {
        var folder = OwnServices.NewFolder();
        var data = Path.Combine(folder, "data");
        Directory.CreateDirectory(Path.Combine(data, "raw"));
        foreach (var part in (string[])["processed", "streaming"])
            Directory.CreateSymbolicLink(Path.Combine(data, part), Path.Combine(InstallationFolder.Path, "data", part));
        return new Installation(folder);
    }

    /// <summary>Uses the services that all tests share.</summary>
    public async Task UseSharedServicesAsync()
    {
        var services = await Services.GetAsync();
        foreach (var (name, value) in services.Kafka.ToEnvironment())
            Environment[name] = value;
        Environment["ConnectionStrings__HotLeads"] = services.ConnectionString;
    }

    /// <summary>Starts a verb and returns at once.</summary>
    public Verb Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach (var (name, value) in Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new Verb(process);
    }

    /// <summary>Runs a verb to its end.</summary>
    public Task<VerbResult> RunAsync(params string[] arguments) => Start(arguments).WaitAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await LocalServiceSet.StopAsync(Path.Combine(Folder, ".local", "services"));
        _guard.Dispose();
    }
}

/// <summary>A running verb.</summary>
internal sealed class Verb(Process process)
{
    private readonly Task<string> _output = process.StandardOutput.ReadToEndAsync();
    private readonly Task<string> _error = process.StandardError.ReadToEndAsync();

    /// <summary>The process.</summary>
    public ProcessIdentity? Identity => ProcessIdentity.Of(process.Id);

    /// <summary>Waits at most four minutes for its end.</summary>
    public async Task<VerbResult> WaitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await process.WaitForExitAsync(patience.Token);
        return new VerbResult(process.ExitCode, await _output, await _error);
    }
}

/// <summary>What a verb left: its exit code and what it wrote.</summary>
internal sealed record VerbResult(int ExitCode, string Output, string Error)
{
    /// <summary>The last line of stdout, where verbs put their JSON.</summary>
    public string LastLine => Output.TrimEnd().Split('\n')[^1];

    /// <inheritdoc/>
    public override string ToString() =>
        new StringBuilder().AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"exit code {ExitCode}")
            .AppendLine(Output).AppendLine(Error).ToString();
}
