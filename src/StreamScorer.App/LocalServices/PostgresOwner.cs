using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// Who runs PostgreSQL. The server refuses to run as root, so root hands its data to the user <c>postgres</c>, whom the
/// apt package creates; everybody else runs it as themselves.
/// </summary>
internal static class PostgresOwner
{
    private const string User = "postgres";

    /// <summary>The command as the server's owner is to run it.</summary>
    public static IReadOnlyList<string> AsOwner(IReadOnlyList<string> command) =>
        Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", User, "--regid", User, "--init-groups", "--", .. command]
            : command;

    /// <summary>
    /// Where the data goes: <paramref name="wanted"/>, or, when root runs this below a folder that the user
    /// <c>postgres</c> may not enter (a clone in <c>/root</c>), a folder under <c>/var/lib</c> named after it. That one is
    /// root's: under <c>/var/tmp</c> another user could have put data of theirs there before.
    /// </summary>
    public static string PlaceData(string wanted)
    {
        var parent = Path.GetDirectoryName(wanted)!;
        Directory.CreateDirectory(parent);
        if (!Environment.IsPrivilegedProcess || MayEnter(parent))
            return wanted;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..12];
        return $"/var/lib/streamscorer/postgres-{hash}";
    }

    /// <summary>Makes a fresh data folder; what an interrupted attempt left there is removed first.</summary>
    /// <exception cref="LocalServiceException">initdb failed; the message holds the end of its log.</exception>
    public static async Task InitialiseAsync(string data, string logPath, CancellationToken cancellationToken)
    {
        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        Directory.CreateDirectory(data);
        var folder = Path.GetDirectoryName(data)!;
        if (Environment.IsPrivilegedProcess)
            await DetachedProcess.RunAsync(["chown", $"{User}:{User}", data], logPath, folder, cancellationToken);
        string[] initdb =
        [
            Path.Combine(ServicePrograms.PostgresFolder(), "initdb"), "-D", data, "-U", LocalPostgres.Role,
            "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
        ];
        await DetachedProcess.RunAsync(AsOwner(initdb), logPath, data, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(data, "initialised"), "", cancellationToken);
    }

    private static bool MayEnter(string folder)
    {
        var start = new ProcessStartInfo("setpriv") { RedirectStandardError = true };
        foreach (var argument in AsOwner(["test", "-x", folder]).Skip(1))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
