using System.Globalization;
using System.Reflection;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Demo;

/// <summary>
/// The worker of a demo: the real <c>run</c> verb in a process of its own, with nothing but settings between it and a
/// production worker.
/// </summary>
internal sealed class DemoWorker(DemoRun run)
{
    private const string ApiUrls = "Api__Urls";
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private ProcessIdentity? _process;

    /// <summary>Whether the process lives.</summary>
    public bool IsAlive => _process is { IsAlive: true };

    /// <summary>The process id, for people who want to try what kill -9 does.</summary>
    public int Pid => _process?.Pid ?? 0;

    /// <summary>Starts the worker; one of a demo that died is stopped first.</summary>
    public async Task StartAsync(KafkaAddress kafka, string connectionString, CancellationToken ct)
    {
        if (run.State.Worker is { IsAlive: true } left)
            await left.EndAsync(UnixSignal.Terminate, StopPatience, ct).ConfigureAwait(false);
        // Through the environment, which the worker inherits, and not on its command line: a connection string may hold a password.
        foreach (var (name, value) in Settings(kafka, connectionString))
            Environment.SetEnvironmentVariable(name, value);
        string[] command = [Environment.ProcessPath!, Assembly.GetExecutingAssembly().Location, "run"];
        _process = DetachedProcess.Start(command, run.WorkerLog, run.Folder);
        run.NoteWorker(_process);
    }

    /// <summary>Where the worker serves its pages.</summary>
    public static Uri Pages => new(Environment.GetEnvironmentVariable(ApiUrls)!.Split(';')[0]);

    /// <summary>Asks the worker to drain and end.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
            await _process.EndAsync(UnixSignal.Terminate, StopPatience, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The last lines of the worker's log.</summary>
    public IReadOnlyList<string> LogTail(int lines)
    {
        try
        {
            using var log = new StreamReader(new FileStream(run.WorkerLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return log.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines).ToList();
        }
        catch (IOException)
        {
            return [];
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Settings(KafkaAddress kafka, string connectionString) =>
        kafka.ToEnvironment().Concat(new Dictionary<string, string>
        {
            ["Kafka__Topic"] = run.Topic,
            ["Kafka__GroupId"] = run.GroupId,
            ["Kafka__SessionTimeout"] = "00:00:10",
            ["Kafka__DrainBudget"] = "00:00:06",
            ["ConnectionStrings__HotLeads"] = connectionString,
            ["Scoring__ModelPath"] = run.State.Model,
            ["Checkpoint__Folder"] = run.CheckpointFolder,
            [ApiUrls] = ApiAddress(ApiUrls, 8080),
            ["Api__ManagementUrls"] = ApiAddress("Api__ManagementUrls", 9464),
            // Its last lines are shown to a person when it fails.
            ["Logging__Console__FormatterName"] = "simple",
            ["Api__ModelsFolder"] = Path.Combine(InstallationFolder.Path, "models"),
            ["Api__ScoreFolder"] = Path.Combine(run.Folder, "api-scores"),
            ["Outcomes__Topic"] = run.OutcomeTopic,
            ["Outcomes__Interval"] = "00:00:05",
            ["Outcomes__SettleDelay"] = "00:00:05",
            ["Checkpoint__MaxAge"] = TimeSpan.FromSeconds(2).ToString("c", CultureInfo.InvariantCulture),
        });

    // A demo must not fail because somebody else has the usual port.
    private static string ApiAddress(string setting, int usualPort) =>
        Environment.GetEnvironmentVariable(setting)
        ?? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Find(usualPort)}");
}
