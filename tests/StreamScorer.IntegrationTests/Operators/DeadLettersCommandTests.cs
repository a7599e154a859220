using System.Text.Json;
using StreamScorer.IntegrationTests.Audit;
using Xunit;

namespace StreamScorer.IntegrationTests.Operators;

public class DeadLettersCommandTests
{
    [RequiresServicesFact]
    public async Task A_letter_is_listed_shown_and_retried_once()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, AuditScene.BadOffset + 1);
        scene.PublishDeadLetter(0, AuditScene.BadOffset);

        var list = await VerbProcess.RunAsync(scene.Scope, "deadletters", "list", "--json");
        var letter = JsonDocument.Parse(list.LastLine).RootElement;
        Assert.Equal(("0:0", "no"), (letter.GetProperty("id").GetString(), letter.GetProperty("retried").GetString()));
        Assert.Equal(AuditScene.BadOffset, letter.GetProperty("offset").GetInt64());

        var show = await VerbProcess.RunAsync(scene.Scope, "deadletters", "show", "0:0");
        Assert.Equal(0, show.ExitCode);
        Assert.Contains("no json", show.Output, StringComparison.Ordinal);

        var first = await VerbProcess.RunAsync(scene.Scope, "deadletters", "retry", "0:0");
        var second = await VerbProcess.RunAsync(scene.Scope, "deadletters", "retry", "0:0");
        Assert.Equal((0, 1), (first.ExitCode, second.ExitCode));
        Assert.Contains("@14", first.Errors, StringComparison.Ordinal);
        Assert.Contains("retried before", second.Errors, StringComparison.Ordinal);
        Assert.Equal(15, Worker.WorkerProcess.EndOffsets(scene.Scope));
    }

    [RequiresServicesFact]
    public async Task A_retry_that_fails_again_does_not_loop()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, AuditScene.BadOffset + 1);
        scene.PublishDeadLetter(0, AuditScene.BadOffset);
        await VerbProcess.RunAsync(scene.Scope, "deadletters", "retry", "--all");
        // The worker meets it again at offset 14, and an earlier fault left a second letter of the first event.
        scene.PublishDeadLetter(0, 14);
        scene.PublishDeadLetter(0, AuditScene.BadOffset);

        var all = await VerbProcess.RunAsync(scene.Scope, "deadletters", "retry", "--all");
        var list = await VerbProcess.RunAsync(scene.Scope, "deadletters", "list", "--json");

        Assert.Equal("""{"retried":0,"passedOver":3,"unknown":0}""", all.LastLine);
        Assert.Equal(15, Worker.WorkerProcess.EndOffsets(scene.Scope));
        Assert.Equal(
            ["yes", "is a retry", "yes"],
            list.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("retried").GetString()));
    }

    [RequiresServicesFact]
    public async Task An_unknown_letter_is_told()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);

        var list = await VerbProcess.RunAsync(scene.Scope, "deadletters", "list");
        var show = await VerbProcess.RunAsync(scene.Scope, "deadletters", "show", "0:5");
        var retry = await VerbProcess.RunAsync(scene.Scope, "deadletters", "retry", "0:5");
        var nonsense = await VerbProcess.RunAsync(scene.Scope, "deadletters", "show", "five");

        Assert.Equal((0, 1, 1, 2), (list.ExitCode, show.ExitCode, retry.ExitCode, nonsense.ExitCode));
        Assert.Contains("no dead letters", list.Errors, StringComparison.Ordinal);
        Assert.Contains("no dead letter 0:5", show.Errors, StringComparison.Ordinal);
    }
}
