using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>Settle and Sweep with a real PostgreSQL and real files. Comments name the mutation a test turns red for.</summary>
public sealed class SettlementTests : IDisposable
{
    private readonly CheckpointFolder _folder = new(Directory.CreateTempSubdirectory("streamscorer-test-").FullName);

    public SettlementTests() => _folder.OpenStorage();

    public void Dispose() => Directory.Delete(_folder.Root, recursive: true);

    // Scenario 3: killed after registration, before the file has its final name.
    [RequiresServicesFact]
    [Scenario(3, Means.RealDatabase, "published by the next settle")]
    public async Task Settle_publishes_what_a_crash_left_between_registration_and_publication()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var checkpoint = Stage(taken, 0, 10);
        await db.Ledger.RegisterAsync(checkpoint, default);
        var result = await Settlement(db).SettleAsync(default);
        Assert.Equal(1, result.Published);
        Assert.True(File.Exists(_folder.FullPath(checkpoint.FinalPath!)));
        Assert.Empty(StagedNames());
        Assert.Empty(await db.Ledger.UnpublishedAsync(default));
        Assert.Equal(0, (await Settlement(db).SettleAsync(default)).Published);
    }

    // Mutation: the mark set before the rename.
    [RequiresServicesFact]
    public async Task Settle_finds_a_file_that_was_renamed_but_not_marked()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var checkpoint = Stage((await db.TakeAsync())[0], 0, 10);
        await db.Ledger.RegisterAsync(checkpoint, default);
        _folder.Publish(checkpoint.StagedPath!, checkpoint.FinalPath!);
        Assert.Equal(1, (await Settlement(db).SettleAsync(default)).Published);
        Assert.Empty(await db.Ledger.UnpublishedAsync(default));
    }

    [RequiresServicesFact]
    public async Task Two_workers_may_settle_the_same_files_at_once()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        for (int i = 0; i < 20; i++)
            await db.Ledger.RegisterAsync(Stage(taken, i * 10, (i + 1) * 10), default);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Settlement(db).SettleAsync(default))));
        Assert.Empty(await db.Ledger.UnpublishedAsync(default));
        Assert.Equal(20, Directory.GetFiles(_folder.Root, "*.parquet", SearchOption.AllDirectories).Length);
        Assert.Empty(StagedNames());
    }

    [RequiresServicesFact]
    [Scenario(58, Means.RealDatabase, "exactly the registered offsets on the lost disk are named")]
    public async Task A_registered_file_whose_disk_is_lost_is_named_and_the_others_are_published()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var lost = Stage(taken, 0, 10);
        await db.Ledger.RegisterAsync(lost, default);
        await db.Ledger.RegisterAsync(Stage(taken, 10, 20), default);
        _folder.Discard(lost.FileId);
        var result = await Settlement(db).SettleAsync(default);
        Assert.Equal(1, result.Published);
        Assert.Equal(lost.FileId, Assert.Single(result.Missing).FileId);
    }

    // Mutation: sweeping every unregistered file. This one's owner is about to register it.
    [RequiresServicesFact]
    public async Task Sweep_leaves_a_live_workers_own_staged_file()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var checkpoint = Stage((await db.TakeAsync())[0], 0, 10);
        Assert.Equal(0, await Settlement(db).SweepAsync(default));
        Assert.Equal(RegistrationOutcome.Done, (await db.Ledger.RegisterAsync(checkpoint, default)).Outcome);
        Assert.Equal(1, (await Settlement(db).SettleAsync(default)).Published);
    }

    [RequiresServicesFact]
    [Scenario(2, Means.RealDatabase, "swept once its epoch is old")]
    public async Task Sweep_deletes_a_file_that_can_never_be_registered()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var zombie = await db.TakeAsync(2);
        var staged = Stage(zombie, 0, 10);

        // One raised epoch is enough: the registration is all or nothing.
        await db.Ledger.TakeAsync([new TakeRequest(SinkDatabase.Topic, 1, 0)], "b", default);
        Assert.Equal(1, await Settlement(db).SweepAsync(default));
        Assert.Empty(StagedNames());
        Assert.Equal(RegistrationOutcome.Refused, (await db.Ledger.RegisterAsync(staged, default)).Outcome);
    }

    // Mutation: sweeping by epoch alone. The epoch is raised, but the file was registered before and is unpublished.
    [RequiresServicesFact]
    public async Task Sweep_leaves_a_registered_file_although_its_epoch_is_old()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var checkpoint = Stage((await db.TakeAsync())[0], 0, 10);
        await db.Ledger.RegisterAsync(checkpoint, default);
        await db.TakeAsync();
        Assert.Equal(0, await Settlement(db).SweepAsync(default));
        Assert.Equal(1, (await Settlement(db).SettleAsync(default)).Published);
    }

    [RequiresServicesFact]
    public async Task Sweep_leaves_what_is_unsure()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var torn = Stage(taken, 0, 10);
        var without = Stage(taken, 0, 10);
        var otherGroup = Stage(taken with { OwnerEpoch = 0 }, 0, 10, group: "others");
        var untaken = Stage(taken with { Partition = 9 }, 0, 10);
        File.WriteAllText(_folder.FullPath(torn.StagedPath!) + ".json", "{\"fileId\":");
        File.Delete(_folder.FullPath(without.StagedPath!) + ".json");
        await db.TakeAsync();
        Assert.Equal(0, await Settlement(db).SweepAsync(default));
        foreach (var checkpoint in new[] { torn, without, otherGroup, untaken })
            Assert.True(File.Exists(_folder.FullPath(checkpoint.StagedPath!)));
    }

    [RequiresServicesFact]
    public async Task Sweep_removes_a_sidecar_that_a_crash_left_behind_its_published_file()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var checkpoint = Stage((await db.TakeAsync())[0], 0, 10);
        await db.Ledger.RegisterAsync(checkpoint, default);
        string sidecar = _folder.FullPath(checkpoint.StagedPath!) + ".json";
        string content = File.ReadAllText(sidecar);
        await Settlement(db).SettleAsync(default);
        File.WriteAllText(sidecar, content);
        await Settlement(db).SweepAsync(default);
        Assert.Empty(StagedNames());
        Assert.True(File.Exists(_folder.FullPath(checkpoint.FinalPath!)));
    }

    private Settlement Settlement(SinkDatabase db) => new(db.Ledger, _folder, NullLogger.Instance);

    private StagedCheckpoint Stage(TakenPartition taken, long start, long end, string group = SinkDatabase.Group) =>
        Stage([taken], start, end, group);

    /// <summary>Stages a file as the writer would, with a word in place of Parquet.</summary>
    private StagedCheckpoint Stage(IReadOnlyList<TakenPartition> taken, long start, long end, string group = SinkDatabase.Group)
    {
        var checkpoint = SinkDatabase.Checkpoint([.. taken.Select(partition => (partition, start, end))]);
        _folder.WriteSidecar(new StagingSidecar(checkpoint.FileId, group, checkpoint.Ranges));
        File.WriteAllText(_folder.FullPath(checkpoint.StagedPath!), "rows");
        return checkpoint;
    }

    private string[] StagedNames() => Directory.GetFiles(Path.Combine(_folder.Root, "staging"));
}
