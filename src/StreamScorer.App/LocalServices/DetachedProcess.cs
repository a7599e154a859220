using System.Diagnostics;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// Starts a program that outlives its starter and that the terminal's Ctrl-C does not reach: in a session of its own,
/// its input closed, its output appended to a file.
/// </summary>
internal static class DetachedProcess
{
    // setsid, sh and the program follow each other by exec in one process, so that the id returned is the program's own.
    // A pipe for the output would end the program with SIGPIPE once the starter is gone; hence the shell's redirection.
    private const string Redirect = """log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null""";

    /// <param name="command">Program and arguments.</param>
    /// <param name="logPath">File to which its output is appended.</param>
    /// <param name="workingFolder">Where it runs.</param>
    /// <param name="environment">Variables beside the ones it inherits.</param>
    /// <exception cref="LocalServiceException">setsid is missing or the process has gone at once.</exception>
    public static ProcessIdentity Start(
        IReadOnlyList<string> command, string logPath, string workingFolder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = workingFolder,
            // Redirected and closed at once: .NET then leaves the terminal's settings alone.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["sh", "-c", Redirect, "sh", logPath, .. command])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            return ProcessIdentity.Of(process.Id)
                ?? throw LocalServiceException.WithLog($"{command[0]} ended as soon as it was started.", logPath);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new LocalServiceException($"cannot start setsid (package util-linux): {failure.Message}", failure);
        }
    }

    /// <summary>Runs a program to its end; its output goes to the log file.</summary>
    /// <exception cref="LocalServiceException">It ended with another code than 0.</exception>
    public static async Task RunAsync(
        IReadOnlyList<string> command, string logPath, string workingFolder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sh")
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["-c", Redirect, "sh", logPath, .. command])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw LocalServiceException.WithLog($"{Path.GetFileName(command[0])} ended with code {process.ExitCode}.", logPath);
    }
}
