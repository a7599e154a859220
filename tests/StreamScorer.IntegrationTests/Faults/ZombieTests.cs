using StreamScorer.App.LocalServices;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>Two workers of one group, of which one stops answering; scenarios 21, 22 and 69 of the reliability table.</summary>
public class ZombieTests
{
    [RequiresServicesTheory]
    [InlineData("cooperative-sticky")]
    [InlineData("range")]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(21, Means.RealServices, "the thawed worker writes nothing as the owner, notices, and rejoins")]
    [Scenario(22, Means.RealServices, "the registration and the hot-lead write of the thawed worker are refused, its file is swept")]
    [Scenario(69, Means.RealServices, "after the refusal it proves membership, takes again and works on alone")]
    public async Task A_frozen_worker_whose_partitions_went_to_another_model_comes_back_and_spoils_nothing(string assignment)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 4);
        var champion = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "champion"));
        var other = TestModels.Save(TestModels.Other, Path.Combine(scope.Folder, "other"));
        (string, string)[] settings =
        [
            ("Kafka__Properties__partition_assignment_strategy", assignment), ("MicroBatch__MaxRecords", "50"), ("Checkpoint__MaxAge", "00:00:02"),
        ];
        var published = Publish(scope, seed: 1);
        await using var frozen = WorkerProcess.Start(scope, champion, settings);
        await frozen.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > 0, "a first checkpoint");
        published += Publish(scope, seed: 2);
        await Task.Delay(300);
        frozen.Identity!.Send(UnixSignal.Stop);

        await using var second = WorkerProcess.Start(scope, other, settings);
        published += Publish(scope, seed: 3);
        await second.WaitUntilDrainedAsync(scope, 90);
        frozen.Identity!.Send(UnixSignal.Continue);
        published += Publish(scope, seed: 4);
        await second.WaitUntilDrainedAsync(scope, 90);

        // The thawed worker notices, rejoins, and works again: alone, it drains what comes then.
        await second.StopCleanlyAsync();
        published += Publish(scope, seed: 5);
        await frozen.WaitUntilDrainedAsync(scope, 90);
        await frozen.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, published, "thawed worker:\n" + frozen.Log + "\nsecond worker:\n" + second.Log);
    }

    private static int Publish(TestScope scope, int seed) =>
        LeadEvents.Publish(scope, LeadEvents.Generated(400, seed).Select(e => ((string?)e.Key, (string?)e.Value)));
}
