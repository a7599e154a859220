using System.Collections.Concurrent;
using System.Diagnostics;

namespace StreamScorer.IntegrationTests;

/// <summary>
/// Cleans up after the test host however that ends. A shell waits on a pipe that only the host holds open: the pipe
/// closes when the guard is disposed, when the host ends and when somebody kills it, and then the shell does its work.
/// </summary>
internal sealed class ExitGuard : IDisposable
{
    /// <summary>Set to a guarded folder, it marks the processes that the host starts from then on as belonging to it.</summary>
    public const string MarkVariable = "STREAMSCORER_TEST_RUN";

    // Whoever has the folder on its command line or in its environment belongs to it: brokers, servers, workers.
    private const string RemoveFolderScript = """
        while read -r _; do :; done
        for process in /proc/[0-9]*; do
          pid=${process#/proc/}
          [ "$pid" = "$$" ] || ! grep -qsF -- "$1" "$process/cmdline" "$process/environ" || kill -9 "$pid"
        done
        rm -rf -- "$1"
        """;

    private const string RemoveComposeScript = """
        while read -r _; do :; done
        docker compose -f "$1" -p "$2" down -v
        """;

    // Holds the guards that nobody else holds: the collector would close the pipe of one, and the shared services were
    // gone in the middle of a run.
    private static readonly ConcurrentBag<ExitGuard> Started = [];

    private readonly Process _shell;

    private ExitGuard(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["sh", "-c", $"exec >/dev/null 2>&1\n{script}", "sh", .. arguments])
            start.ArgumentList.Add(argument);
        _shell = Process.Start(start)!;
        Started.Add(this);
    }

    /// <summary>
    /// Kills every process with the folder on its command line or in <see cref="MarkVariable"/>, and removes the folder.
    /// </summary>
    public static ExitGuard ForFolder(string folder) => new(RemoveFolderScript, folder);

    /// <summary>Takes a compose project down with its volumes.</summary>
    public static ExitGuard ForCompose(string file, string project) => new(RemoveComposeScript, file, project);

    /// <summary>Does the work now and waits for it.</summary>
    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit(TimeSpan.FromSeconds(60));
        _shell.Dispose();
    }
}
