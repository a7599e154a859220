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
    /// <exception cref="InvalidOperationException">This machine lets nobody, or not this user, make one.</exception>
    public static CpuQuota Create(double cores)
    {
        var quota = (int)(cores * PeriodMicros);
        var name = "streamscorer-" + Guid.NewGuid().ToString("N")[..12];
        try
        {
            if (Array.Find(Version1, Directory.Exists) is { } root)
            {
                var group = new CpuQuota(Directory.CreateDirectory(Path.Combine(root, name)).FullName);
                group.Set("cpu.cfs_period_us", $"{PeriodMicros}");
                group.Set("cpu.cfs_quota_us", $"{quota}");
                return group;
            }

            File.WriteAllText(Path.Combine(Version2, "cgroup.subtree_control"), "+cpu");
            var unified = new CpuQuota(Directory.CreateDirectory(Path.Combine(Version2, name)).FullName);
            unified.Set("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicros}"));
            return unified;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"A worker gets its share of a core from a control group, and none could be made: {exception.Message} Run as root, on a "
                + "machine with the cpu controller in /sys/fs/cgroup, or leave this curve out with --only.", exception);
        }
    }

    /// <summary>Removes the group, whose processes must have ended.</summary>
    public void Dispose() => Directory.Delete(_folder);

    private void Set(string file, string value) => File.WriteAllText(Path.Combine(_folder, file), value);
}
