using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>The disk of the checkpoints runs full and gets room again; scenario 57 of the reliability table.</summary>
public class DiskFullTests
{
    private const long DiskBytes = 4 << 20;

    [RequiresMountFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(57, Means.RealServices, "no partial file, no commit, readiness names the folder, goes on when there is room")]
    public async Task A_full_disk_is_named_by_readiness_shows_no_partial_file_and_heals_by_itself()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        using var disk = SmallDisk.TryMount(scope.CheckpointFolder, DiskBytes)!;
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var published = Publish(scope, 1);
        await using var worker = await HostedWorker.StartAsync(scope, model);
        await worker.WaitUntilDrainedAsync(scope);
        // Registered comes before published.
        await worker.WaitAsync(() => Task.FromResult(Files(scope).Count > 0 && !Staged(scope).Any()), "published files");
        var files = Files(scope);

        disk.Fill();
        published += Publish(scope, 2);
        await worker.WaitForAsync(Readiness.CheckpointFolder, isUp: false);
        Assert.Contains("No space left on device", worker.Readiness.Statuses[Readiness.CheckpointFolder].Reason, StringComparison.Ordinal);
        Assert.True(worker.Readiness.Statuses[Readiness.PostgreSql].IsUp);
        Assert.Equal(files, Files(scope));
        // Longer than the session timeout: the group keeps a worker that goes on polling.
        published += Publish(scope, 3);
        await Task.Delay(TimeSpan.FromSeconds(8));
        Assert.Equal(files, Files(scope));
        disk.Free();

        await worker.WaitUntilDrainedAsync(scope);
        await worker.WaitForAsync(Readiness.CheckpointFolder, isUp: true);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, published, worker.Log);
        OutageLines.RequireTold(worker.Log, Readiness.CheckpointFolder, 1);
        OutageLines.RequireTold(worker.Log, Readiness.PostgreSql, 0);
        Assert.DoesNotContain("Lost ", worker.Log, StringComparison.Ordinal);
        Assert.Empty(Staged(scope));
    }

    [RequiresMountFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public async Task A_start_on_a_full_disk_waits_and_names_it()
    {
        await using var scope = await TestScope.CreateAsync();
        using var disk = SmallDisk.TryMount(scope.CheckpointFolder, DiskBytes)!;
        disk.Fill();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var published = Publish(scope, 1);
        await using var worker = await HostedWorker.StartAsync(scope, model);
        await worker.WaitAsync(
            () => Task.FromResult(worker.Readiness.Statuses[Readiness.CheckpointFolder].Reason.Contains("No space", StringComparison.Ordinal)),
            "the reason in words");
        disk.Free();
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, published, worker.Log);
        OutageLines.RequireTold(worker.Log, Readiness.CheckpointFolder, 1);
    }

    private static int Publish(TestScope scope, int seed) =>
        LeadEvents.Publish(scope, LeadEvents.Generated(400, seed).Select(e => ((string?)e.Key, (string?)e.Value)));

    private static IEnumerable<string> Staged(TestScope scope) =>
        Directory.EnumerateFiles(Path.Combine(scope.CheckpointFolder, "staging"));

    private static List<string> Files(TestScope scope) =>
        [.. Directory.EnumerateFiles(scope.CheckpointFolder, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
