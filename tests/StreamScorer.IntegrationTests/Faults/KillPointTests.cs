using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>kill -9 between any two durable steps of the protocol; scenarios 1 to 5, 43 and 70 of the reliability table.</summary>
public class KillPointTests
{
    private const int Events = 600;

    public static TheoryData<ProtocolPoint> Points => new(Enum.GetValues<ProtocolPoint>());

    [RequiresServicesTheory]
    [MemberData(nameof(Points))]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(1, Means.RealServices, "killed between consuming and any write: the batch is scored again, no trace of the first time")]
    [Scenario(2, Means.RealServices, "killed with a staged file: never visible, swept, the range is scored again")]
    [Scenario(3, Means.RealServices, "killed between registration and the final name: the next settle publishes the file")]
    [Scenario(4, Means.RealServices, "killed between the hot-lead commit and everything later: the redelivered events replace themselves")]
    [Scenario(5, Means.RealServices, "killed between asking for the group commit and its answer: no loss, no duplicate")]
    [Scenario(43, Means.RealServices, "the range is planned anew with other edges: they chain through stream_progress, no overlap")]
    public async Task A_worker_killed_at_a_point_loses_and_repeats_nothing(ProtocolPoint point)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 3);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        Publish(scope);
        await using (var first = WorkerProcess.Start(scope, model, ("STREAMSCORER_FAILPOINT", $"kill:{point}"), ("MicroBatch__MaxRecords", "100")))
        {
            if (point == ProtocolPoint.Drained)
            {
                await first.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > 0, "some progress");
                await first.StopAsync();
            }

            await first.WaitForEndAsync(30);
            Assert.NotEqual(0, first.ExitCode);
        }

        Publish(scope);
        await using var second = WorkerProcess.Start(scope, model, ("MicroBatch__MaxRecords", "100"));
        await second.WaitUntilDrainedAsync(scope);
        await second.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, 2 * (Events + 2), second.Log);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(68, Means.RealServices, "the other model replaces the row of the first: table and checkpoints tell one story")]
    public async Task A_model_changed_between_hot_leads_and_checkpoint_leaves_one_story()
    {
        // Scenario 68: the table carries the first model's decision, the checkpoint will carry the second's.
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var champion = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "champion"));
        var other = TestModels.Save(TestModels.Other, Path.Combine(scope.Folder, "other"));
        Publish(scope);
        await using (var first = WorkerProcess.Start(scope, champion, ("STREAMSCORER_FAILPOINT", "kill:Staged")))
            await first.WaitForEndAsync(30);
        await using var second = WorkerProcess.Start(scope, other);
        await second.WaitUntilDrainedAsync(scope);
        await second.StopAsync();
        await Oracle.RequireCleanAsync(scope, Events + 2, second.Log);
    }

    private static void Publish(TestScope scope) => LeadEvents.Publish(
        scope, LeadEvents.Generated(Events).Select(e => ((string?)e.Key, (string?)e.Value)).Append(("bad", "{not json")).Append(("lead-3", null)));
}
