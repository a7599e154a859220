using System.Globalization;
using System.Reflection;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Soak;

/// <summary>One seat for a worker: the real <c>run</c> verb in a process of its own, which the supervisor kills, stops and freezes.</summary>
internal sealed class SoakWorker(int number, string folder, IReadOnlyDictionary<string, string> settings)
{
    /// <summary>Names the soak's folder in the environment of its workers, so that the next soak finds those of a killed one.</summary>
    private const string MarkVariable = "STREAMSCORER_SOAK";

    private ProcessIdentity? _process;

    /// <summary>The seat's number, from 1.</summary>
    public int Number => number;

    /// <summary>Process id of the last start.</summary>
    public int Pid => _process?.Pid ?? 0;

    /// <summary>The log of all processes in this seat.</summary>
    public string LogPath => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"worker-{number}.log"));

    /// <summary>True while the process should be running: a process that is gone then has ended by itself.</summary>
    public bool Expected { get; private set; }

    /// <summary>Whether the process runs.</summary>
    public bool IsAlive => _process is { IsAlive: true };

    /// <summary>Starts a process in this seat.</summary>
    public void Start()
    {
        string[] command = [Environment.ProcessPath!, Assembly.GetExecutingAssembly().Location, "run"];
        var environment = new Dictionary<string, string>(settings) { [MarkVariable] = folder };
        _process = DetachedProcess.Start(command, LogPath, folder, environment);
        Expected = true;
    }

    /// <summary>Sends a signal that leaves the process expected to run: SIGSTOP, SIGCONT.</summary>
    public void Send(UnixSignal signal) => _process?.Send(signal);

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        Expected = false;
        _process?.Send(UnixSignal.Kill);
        if (_process is not null)
            await _process.WaitForExitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>SIGTERM; false when the process had to be killed because it did not end within the patience.</summary>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        Expected = false;
        if (_process is null)
            return true;
        _process.Send(UnixSignal.Terminate);
        if (await _process.WaitForExitAsync(patience))
            return true;
        await KillAsync();
        return false;
    }

    /// <summary>The last lines of the log.</summary>
    public IReadOnlyList<string> LogTail(int lines) => File.Exists(LogPath) ? [.. File.ReadLines(LogPath).TakeLast(lines)] : [];

    /// <summary>Kills the workers that a soak in this folder left behind.</summary>
    public static void KillLeft(string folder)
    {
        var mark = $"{MarkVariable}={folder}";
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                if (File.ReadAllText(Path.Combine(entry, "environ")).Split('\0').Contains(mark))
                    ProcessIdentity.Of(pid)?.Send(UnixSignal.Kill);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or somebody else's.
            }
        }
    }
}
