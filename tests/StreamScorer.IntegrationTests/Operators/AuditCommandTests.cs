using System.Text.Json;
using StreamScorer.IntegrationTests.Audit;
using Xunit;

namespace StreamScorer.IntegrationTests.Operators;

public class AuditCommandTests
{
    [RequiresServicesFact]
    public async Task A_clean_account_exits_0_with_its_counts_on_the_last_line()
    {
        await using var scene = await AuditScene.CreateAsync();

        var run = await VerbProcess.RunAsync(scene.Scope, "audit", "--deep", "--drained");

        Assert.Equal((0, run.Errors), (run.ExitCode, run.Errors));
        var account = JsonDocument.Parse(run.LastLine).RootElement;
        Assert.Equal(80, account.GetProperty("events").GetInt64());
        Assert.Equal(76, account.GetProperty("scored").GetInt64());
        foreach (var fault in new[] { "lost", "duplicate", "unseen", "mismatch" })
            Assert.Equal(0, account.GetProperty(fault).GetInt64());
        Assert.Contains("nothing lost, nothing twice", run.Errors, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_fault_exits_1_and_is_told_to_people_and_programs()
    {
        await using var scene = await AuditScene.CreateAsync();
        File.Delete(scene.PathOf(scene.Checkpoints[0]));

        var run = await VerbProcess.RunAsync(scene.Scope, "audit");

        Assert.Equal(1, run.ExitCode);
        var account = JsonDocument.Parse(run.LastLine).RootElement;
        Assert.Equal(36, account.GetProperty("lost").GetInt64());
        Assert.Equal(JsonValueKind.Null, account.GetProperty("unseen").ValueKind);
        var finding = account.GetProperty("findings")[0];
        Assert.Equal(("lost", 0L), (finding.GetProperty("fault").GetString(), finding.GetProperty("firstOffset").GetInt64()));
        Assert.Contains(scene.Checkpoints[0].FinalPath!, run.Errors, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_service_that_is_missing_exits_3_and_bad_usage_2()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);

        var missing = await VerbProcess.RunAsync(scene.Scope, "audit", "--Kafka:BootstrapServers=127.0.0.1:1");
        var misspelt = await VerbProcess.RunAsync(scene.Scope, "audit", "--deeep");
        var noTopic = await VerbProcess.RunAsync(scene.Scope, "audit", "--Kafka:Topic=no-such-topic");

        Assert.Equal((3, 2, 3), (missing.ExitCode, misspelt.ExitCode, noTopic.ExitCode));
        Assert.Contains("Kafka:BootstrapServers", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("no-such-topic", noTopic.Errors, StringComparison.Ordinal);
        Assert.Empty(missing.Output + misspelt.Output + noTopic.Output);
    }
}
