using System.Globalization;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>CPU time and memory of processes, from /proc (proc(5)).</summary>
internal static class ProcessTimes
{
    // USER_HZ, which /proc counts in, is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>User and system time of a process and of its children that ended and were waited for.</summary>
    public static TimeSpan Of(int pid) =>
        Fields(pid) is { } fields ? TimeSpan.FromSeconds(fields[11..15].Sum(Number) / TicksPerSecond) : TimeSpan.Zero;

    /// <summary>The same, with all children that run now.</summary>
    public static TimeSpan OfTree(int pid)
    {
        var total = Of(pid);
        var parent = pid.ToString(CultureInfo.InvariantCulture);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var child)
                && Fields(child) is { } fields && fields[1] == parent)
                total += OfTree(child);
        }

        return total;
    }

    /// <summary>The most memory that a process has held so far, in bytes; 0 when it is gone.</summary>
    public static long PeakResidentBytes(string pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.AsSpan(6, line.Length - 8), NumberStyles.Integer, CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    /// <summary>Lets the peak of this process begin anew.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);

    // From the third field (state) on: the program's name before it may hold spaces.
    private static string[]? Fields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
