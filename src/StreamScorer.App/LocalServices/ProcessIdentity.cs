using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// A process written down so that a later program finds the same one again. A process id alone is not enough: after a
/// crash or a reboot the number may belong to somebody else, and <c>down</c> would kill a stranger.
/// </summary>
/// <param name="Pid">Process id, above 0.</param>
/// <param name="StartTicks">Start time in clock ticks since boot: field 22 of <c>/proc/PID/stat</c>, proc(5).</param>
/// <param name="BootId">The boot the ticks count from: <c>/proc/sys/kernel/random/boot_id</c>.</param>
public sealed record ProcessIdentity(int Pid, long StartTicks, string BootId)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>False once the process has ended, a zombie that nobody has reaped yet included.</summary>
    [JsonIgnore]
    public bool IsAlive => Of(Pid) == this;

    /// <summary>The process that has this id now, or null when there is none.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        var fields = StatFields(pid);
        return fields is null || fields[0] is "Z" or "X"
            ? null
            : new ProcessIdentity(pid, long.Parse(fields[19], CultureInfo.InvariantCulture), BootIdNow());
    }

    /// <summary>Sends a signal; a process that has ended is left alone.</summary>
    public void Send(UnixSignal signal)
    {
        if (IsAlive)
            _ = Kill(Pid, (int)signal);
    }

    /// <summary>Kills the process and its children at once, as a power cut would.</summary>
    public void KillWithChildren()
    {
        var children = Children();
        Send(UnixSignal.Kill);
        foreach (var child in children)
            child.Send(UnixSignal.Kill);
    }

    /// <summary>Asks the process to end, and kills it when it has not done so in time.</summary>
    public async Task EndAsync(UnixSignal request, TimeSpan patience, CancellationToken cancellationToken)
    {
        Send(request);
        if (await WaitForExitAsync(patience, cancellationToken))
            return;
        KillWithChildren();
        await WaitForExitAsync(patience, cancellationToken);
    }

    /// <summary>True when the process has ended within the time given.</summary>
    public async Task<bool> WaitForExitAsync(TimeSpan patience, CancellationToken cancellationToken = default)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (IsAlive)
        {
            if (waited.Elapsed > patience)
                return false;
            await Task.Delay(PollInterval, cancellationToken);
        }
        return true;
    }

    /// <summary>The processes whose parent is this one.</summary>
    internal IReadOnlyList<ProcessIdentity> Children()
    {
        var parent = Pid.ToString(CultureInfo.InvariantCulture);
        var children = new List<ProcessIdentity>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && StatFields(pid) is { } fields && fields[1] == parent
                && Of(pid) is { } child)
                children.Add(child);
        }
        return children;
    }

    /// <summary>The fields of <c>/proc/PID/stat</c> from the third (state) on; null when there is no such process.</summary>
    private static string[]? StatFields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            // The second field is the program's name in brackets and may itself hold brackets and spaces.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string BootIdNow() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}

/// <summary>Signal numbers, the same on every Linux that .NET runs on.</summary>
public enum UnixSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
