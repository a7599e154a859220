using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Sinks;
using StreamScorer.Sinks.Compaction;
using Xunit;

namespace StreamScorer.IntegrationTests.Compaction;

/// <summary>kill -9 between any two durable steps of a compaction: the account is whole at once, and the next run finishes.</summary>
public class CompactionKillTests
{
    private const long Rows = 76;
    private const long Events = 80;

    public static TheoryData<CompactionPoint> Points => new(Enum.GetValues<CompactionPoint>());

    [RequiresServicesTheory]
    [MemberData(nameof(Points))]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public async Task A_compaction_killed_at_a_point_changes_no_account_and_is_finished_by_the_next(CompactionPoint point)
    {
        await using var scene = await CompactionScene.CreateAsync();

        await scene.KillAtAsync(point);
        await scene.RequireWholeAsync(Rows, Events);

        await scene.CompactAsync();
        Assert.Single(scene.VisibleFiles());
        await scene.RequireWholeAsync(Rows, Events);
        Assert.False(Directory.Exists(scene.Folders.Beside) || File.Exists(scene.Folders.Journal) || File.Exists(scene.Folders.ClosedJournal));
    }

    [RequiresServicesTheory]
    [MemberData(nameof(Points))]
    [Trait("Category", "faults")]
    public async Task A_file_that_is_published_after_the_kill_is_kept(CompactionPoint point)
    {
        await using var scene = await CompactionScene.CreateAsync();

        await scene.KillAtAsync(point);
        await scene.AddLateFileAsync();
        await scene.RequireWholeAsync(Rows + 10, Events + 10);

        await scene.CompactAsync();
        await scene.RequireWholeAsync(Rows + 10, Events + 10);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public async Task Beside_a_running_worker_every_event_stays_accounted_for()
    {
        const int events = 3_000;
        await using var scope = await TestScope.CreateAsync(partitions: 3);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = WorkerProcess.Start(scope, model, ("Checkpoint__MaxAge", "00:00:00.100"));
        await using var dataSource = Npgsql.NpgsqlDataSource.Create(scope.ConnectionString);
        var compacted = 0;
        for (var part = 0; part < 10; part++)
        {
            LeadEvents.Publish(scope, LeadEvents.Generated(events / 10, seed: part).Select(e => ((string?)e.Key, (string?)e.Value)));
            await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > events / 10 * part, "progress");
            compacted += await CompactTodayAsync(scope, dataSource);
        }

        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, events, worker.Log);
        Assert.True(compacted > 0, "no compaction found anything to do");
        Assert.True(await CompactTodayAsync(scope, dataSource) >= 0);
        await Oracle.RequireCleanAsync(scope, events, worker.Log);
    }

    // The day that the worker writes to, which no operator compacts: more can go wrong than in a closed one.
    private static async Task<int> CompactTodayAsync(TestScope scope, Npgsql.NpgsqlDataSource dataSource)
    {
        var (root, days) = CompactionFolders.Find(scope.CheckpointFolder);
        var ledger = new CompactionLedger(dataSource, scope.GroupId, new CheckpointFolder(root).OpenStorage(), TimeProvider.System);
        await using var turn = await ledger.TryEnterAsync(default);
        var options = CompactionScene.KeepNothing with { ClosedFor = TimeSpan.FromDays(-2) };
        var compaction = new DayCompaction(ledger, root, options, TimeProvider.System);
        var done = 0;
        foreach (var day in days)
        {
            try
            {
                done += (await compaction.RunAsync(day, turn!, null, default)).IsCompacted ? 1 : 0;
            }
            catch (InvalidDataException)
            {
                // The worker published between the plan and the look at the folder. The next run takes back what this one left.
            }
        }

        return done;
    }
}
