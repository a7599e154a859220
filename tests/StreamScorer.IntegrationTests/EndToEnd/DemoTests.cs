using System.Text.Json;
using System.Text.RegularExpressions;
using StreamScorer.App;
using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.IntegrationTests.EndToEnd;

/// <summary>The demo as a newcomer runs it: every event exactly once, whatever happens to the worker on the way.</summary>
public partial class DemoTests
{
    private const int DemoEvents = 2772;

    [RequiresServicesFact]
    public async Task The_demo_accounts_for_every_shipped_event()
    {
        await using var installation = Installation.Create();
        await installation.UseSharedServicesAsync();
        RequireWholeAccount(await installation.RunAsync("demo", "--once"));
    }

    [RequiresServicesFact]
    public async Task The_demo_uses_the_kaggle_table_when_it_is_there()
    {
        var table = Path.Combine(SharedFolder(), "data", "lead-scoring.csv");
        if (!File.Exists(table))
            return; // Third-party data: not in the repository, and nothing of ours to test without it.
        await using var installation = Installation.Create();
        await installation.UseSharedServicesAsync();
        File.Copy(table, Path.Combine(installation.Folder, "data", "raw", "Lead Scoring.csv"));
        var result = await installation.RunAsync("demo", "--once");
        RequireWholeAccount(result);
        Assert.Contains("6468 training rows and 2772 events", result.Error, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_demo_whose_worker_is_killed_half_way_goes_on_when_run_again()
    {
        await using var installation = Installation.Create();
        await installation.UseSharedServicesAsync();
        var first = installation.Start("demo", "--once", "--rate", "400");
        (await WorkerAsync(installation)).Send(UnixSignal.Kill);
        var killed = await first.WaitAsync();
        Assert.Equal(1, killed.ExitCode);
        Assert.Contains("run the demo again", killed.Error, StringComparison.Ordinal);

        var second = await installation.RunAsync("demo", "--once");
        RequireWholeAccount(second);
        Assert.Contains("Going on with the unfinished run", second.Error, StringComparison.Ordinal);
    }

    private static void RequireWholeAccount(VerbResult result)
    {
        Assert.True(result.ExitCode == 0, result.ToString());
        using var account = JsonDocument.Parse(result.LastLine);
        long Count(string name) => account.RootElement.GetProperty(name).GetInt64();
        Assert.Equal((DemoEvents, DemoEvents, 0), (Count("events"), Count("scored"), Count("deadLetters")));
        Assert.Equal((0, 0, 0, 0), (Count("lost"), Count("duplicate"), Count("unseen"), Count("mismatch")));
        Assert.InRange(Count("hotLeads"), DemoEvents / 5, DemoEvents * 2 / 5);
        Assert.True(Count("checkpoints") >= 1);
    }

    /// <summary>The demo's worker, once it has taken its partitions.</summary>
    private static async Task<ProcessIdentity> WorkerAsync(Installation installation)
    {
        var runs = Path.Combine(installation.Folder, ".local", "demo", "runs");
        for (var attempt = 0; attempt < 600; attempt++)
        {
            await Task.Delay(100);
            if (!Directory.Exists(runs) || Directory.GetDirectories(runs) is not [var run] || !File.Exists(Path.Combine(run, "worker.log")))
                continue;
            if (!(await File.ReadAllTextAsync(Path.Combine(run, "worker.log"))).Contains("Took 12 partitions", StringComparison.Ordinal))
                continue;
            var pid = int.Parse(WorkerPid().Match(await File.ReadAllTextAsync(Path.Combine(run, "run.json"))).Groups[1].ValueSpan, null);
            return ProcessIdentity.Of(pid)!;
        }

        throw new InvalidOperationException("The demo's worker did not start within a minute.");
    }

    private static string SharedFolder() =>
        System.Environment.GetEnvironmentVariable("STREAMSCORER_SHARED") ?? Path.Combine(InstallationFolder.Path, "..", "shared");

    [GeneratedRegex("\"Pid\": ([0-9]+)")]
    private static partial Regex WorkerPid();
}
