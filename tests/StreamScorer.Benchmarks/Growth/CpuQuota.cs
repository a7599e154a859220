using System.Globalization;

namespace StreamScorer.Benchmarks.Growth;

/// <summary>
/// A control group whose processes get a share of a core, cgroups(7): the cpu controller, of version 2 where it is mounted,
/// else of version 1. Needs the right to make groups, which root has.
/// </summary>
internal sealed class CpuQuota : IDisposable
{
    // The kernel's default, 100 ms, would hold a worker up for longer than it holds its lead over its queues.
    private const int PeriodMicros = 10_000;

    private static readonly string[] Version1 = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"];
    private const string Version2 = "/sys/fs/cgroup";

    private readonly string _folder;

    private CpuQuota(string folder) => _folder = folder;

    /// <summary>A process is in the group once its id was written here.</summary>
    public string ProcessesFile => Path.Combine(_folder, "cgroup.procs");

    /// <summary>Makes a group.</summary>
    /// <param name="cores">The share, above 0: 0.25 is a quarter of a core.</param>
    /// <exception cref="MeasurementException">This machine lets nobody, or not this user, make one.</exception>
    public static CpuQuota Create(double cores)
    {
        var quota = (int)(cores * PeriodMicros);
        var first = Array.Find(Version1, Directory.Exists);
        (string File, string Value)[] settings = first is null
            ? [("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicros}"))]
            : [("cpu.cfs_period_us", $"{PeriodMicros}"), ("cpu.cfs_quota_us", $"{quota}")];
        try
        {
            if (first is null)
                File.WriteAllText(Path.Combine(Version2, "cgroup.subtree_control"), "+cpu");
            return Create(Path.Combine(first ?? Version2, "streamscorer-" + Guid.NewGuid().ToString("N")[..12]), settings);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MeasurementException(
                $"A worker gets its share of a core from a control group, and none could be made: {exception.Message} Run as root, on a "
                + "machine with the cpu controller in /sys/fs/cgroup, or leave this curve out with --only.", exception);
        }
    }

    /// <summary>Removes the group, whose processes must have ended.</summary>
    public void Dispose() => Directory.Delete(_folder);

    private static CpuQuota Create(string folder, IEnumerable<(string File, string Value)> settings)
    {
        var group = new CpuQuota(Directory.CreateDirectory(folder).FullName);
        try
        {
            foreach (var (file, value) in settings)
                File.WriteAllText(Path.Combine(folder, file), value);
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }
}
