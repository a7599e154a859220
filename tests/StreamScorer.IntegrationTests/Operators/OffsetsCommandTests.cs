using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.App.Audit;
using StreamScorer.IntegrationTests.Audit;
using Xunit;

namespace StreamScorer.IntegrationTests.Operators;

public class OffsetsCommandTests
{
    [RequiresServicesFact]
    public async Task Reset_moves_progress_and_group_together_and_the_audit_knows()
    {
        await using var scene = await AuditScene.CreateAsync();

        var reset = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "15", "--partition", "0", "--yes", "--reason", "a test");
        var show = await VerbProcess.RunAsync(scene.Scope, "offsets", "show", "--json");

        Assert.Equal((0, reset.Errors), (reset.ExitCode, reset.Errors));
        var partition = JsonDocument.Parse(show.Output.Split('\n')[0]).RootElement;
        Assert.Equal(15, partition.GetProperty("progress").GetInt64());
        Assert.Equal(15, partition.GetProperty("groupOffset").GetInt64());
        Assert.Equal(25, partition.GetProperty("lag").GetInt64());
        Assert.Equal(1, partition.GetProperty("incarnation").GetInt64());
        Assert.Equal(2, partition.GetProperty("ownerEpoch").GetInt64());
        Assert.Equal(40, JsonDocument.Parse(show.Output.Split('\n')[1]).RootElement.GetProperty("progress").GetInt64());

        await scene.TakeAsync(partitions: 2);
        await scene.CheckpointAsync((0, 15, 40));
        var report = await scene.AuditAsync(deep: true);
        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(24, report.Totals.Replayed);
    }

    [RequiresServicesFact]
    public async Task Reset_is_refused_while_the_group_has_a_member()
    {
        await using var scene = await AuditScene.CreateAsync();
        using var member = new ConsumerBuilder<Ignore, Ignore>(scene.Scope.Kafka.Apply(new ConsumerConfig
        {
            GroupId = scene.Scope.GroupId,
            EnableAutoCommit = false,
        })).SetLogHandler((_, _) => { }).Build();
        member.Subscribe(scene.Scope.Topic);
        while (member.Assignment.Count == 0)
            member.Consume(TimeSpan.FromMilliseconds(100));

        var reset = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "earliest", "--yes");
        member.Close();
        var later = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "earliest", "--yes");

        Assert.Equal(1, reset.ExitCode);
        Assert.Contains("Stop the workers first", reset.Errors, StringComparison.Ordinal);
        Assert.Equal((0, later.Errors), (later.ExitCode, later.Errors));
    }

    [RequiresServicesFact]
    public async Task Nothing_is_changed_by_a_wrong_target_or_without_confirmation()
    {
        await using var scene = await AuditScene.CreateAsync();

        var beyond = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "41", "--yes");
        var nonsense = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "yesterday", "--yes");
        var partition = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "0", "--partition", "9", "--yes");
        var unconfirmed = await VerbProcess.RunAsync(scene.Scope, "offsets", "reset", "--to", "0");

        Assert.Equal((2, 2, 2, 2), (beyond.ExitCode, nonsense.ExitCode, partition.ExitCode, unconfirmed.ExitCode));
        Assert.Contains("partition 0 has offsets 0 to 40", beyond.Errors, StringComparison.Ordinal);
        Assert.Contains("--yes", unconfirmed.Errors, StringComparison.Ordinal);
        Assert.All(await scene.Ledger.ReadProgressAsync(null, default), each => Assert.Equal(40, each.Value));
    }
}
