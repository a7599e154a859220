using StreamScorer.App.Soak;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>A test that mounts a small file system: only root may, and only where the machine lets it. Else it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresMountFactAttribute : RequiresServicesFactAttribute
{
    private static readonly Lazy<bool> CanMount = new(() =>
    {
        var folder = OwnServices.NewFolder();
        using (var disk = SmallDisk.TryMount(folder, 1 << 20))
            return disk is not null;
    });

    public RequiresMountFactAttribute()
    {
        if (!CanMount.Value)
            Skip = "needs root and the right to mount a tmpfs";
    }
}
