using System.Text.Json;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Operators;

/// <summary><c>replay --verify</c> on what a real worker wrote.</summary>
public class ReplayVerifyTests
{
    [RequiresServicesFact]
    public async Task Every_row_is_scored_again_with_the_model_it_names()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var models = Path.Combine(scope.Folder, "models");
        var champion = TestModels.Save(TestModels.Champion, Path.Combine(models, "champion"));
        var other = TestModels.Save(TestModels.Other, Path.Combine(models, "other"));
        var published = await ScoreAsync(scope, champion, 1) + await ScoreAsync(scope, other, 2);

        var same = await VerbProcess.RunAsync(scope, "replay", "--verify", "--models", models);
        Assert.True(same.ExitCode == 0, same.Errors);
        using var report = JsonDocument.Parse(same.LastLine);
        Assert.Equal(published, report.RootElement.GetProperty("rows").GetInt64());
        Assert.Equal(2, report.RootElement.GetProperty("models").GetArrayLength());
        Assert.Equal(published, report.RootElement.GetProperty("models").EnumerateArray().Sum(model => model.GetProperty("compared").GetInt64()));

        var window = await VerbProcess.RunAsync(scope, "replay", "--verify", "--models", models, "--from", "0", "--to", "9");
        using var part = JsonDocument.Parse(window.LastLine);
        Assert.Equal(20, part.RootElement.GetProperty("rows").GetInt64());

        Directory.Delete(other, recursive: true);
        var missing = await VerbProcess.RunAsync(scope, "replay", "--verify", "--models", models);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains($"model {TestModels.Other.Id[..12]}: not found", missing.Errors, StringComparison.Ordinal);

        var usage = await VerbProcess.RunAsync(scope, "replay", "--verify", "--data", models);
        Assert.Equal(2, usage.ExitCode);
        Assert.Contains("give one of them", usage.Errors, StringComparison.Ordinal);
    }

    private static async Task<int> ScoreAsync(TestScope scope, string model, int seed)
    {
        var published = LeadEvents.Publish(scope, LeadEvents.Generated(300, seed).Select(e => ((string?)e.Key, (string?)e.Value)));
        await using var worker = WorkerProcess.Start(scope, model);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        return published;
    }
}
