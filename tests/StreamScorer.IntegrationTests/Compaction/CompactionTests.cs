using StreamScorer.App.Audit;
using StreamScorer.IntegrationTests.Operators;
using StreamScorer.Sinks.Compaction;
using StreamScorer.Telemetry.Outcomes;
using Xunit;

namespace StreamScorer.IntegrationTests.Compaction;

/// <summary>A compaction changes the files and nothing that anybody reads out of them.</summary>
public class CompactionTests
{
    private const long Rows = 76;
    private const long Events = 80;

    [RequiresServicesFact]
    public async Task Small_files_become_one_sorted_file_and_the_account_stays()
    {
        await using var scene = await CompactionScene.CreateAsync();
        var before = await scene.Audit.AuditAsync(deep: true);
        var archive = new ScoreArchive(scene.Audit.DataSource, scene.Audit.Folder, scene.Audit.Scope.GroupId);
        var smallFiles = await archive.FilesAsync(DateTimeOffset.UnixEpoch, default);

        var run = await VerbProcess.RunAsync(scene.Audit.Scope, "parquet", "compact", scene.Folders.Visible, "--keep", "0");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("2 files to 1, 76 rows", run.Errors, StringComparison.Ordinal);
        var positions = CompactionScene.Positions(Assert.Single(scene.VisibleFiles()));
        Assert.Equal(positions.Order(), positions);
        await scene.RequireWholeAsync(Rows, Events);
        var after = await scene.Audit.AuditAsync(deep: true);
        Assert.Equal((before.Events, before.Totals.Scored, before.HotLeads), (after.Events, after.Totals.Scored, after.HotLeads));
        var largeFile = Assert.Single(await archive.FilesAsync(DateTimeOffset.UnixEpoch, default));
        Assert.Equal(smallFiles.Max(file => file.RegisteredAt), largeFile.RegisteredAt);
        Assert.Equal(scene.VisibleFiles()[0], scene.Audit.Folder.FullPath(largeFile.Path));
        Assert.False(Directory.Exists(scene.Folders.Beside));
        Assert.Equal("nothing to gain", (await scene.CompactAsync()).Outcome);
    }

    [RequiresServicesFact]
    public async Task A_late_file_is_compacted_with_the_large_one()
    {
        await using var scene = await CompactionScene.CreateAsync();
        await scene.CompactAsync();
        await scene.AddLateFileAsync();
        await scene.RequireWholeAsync(Rows + 10, Events + 10);

        var result = await scene.CompactAsync();

        Assert.Equal((2, 1, Rows + 10), (result.Inputs, result.Outputs, result.Rows));
        await scene.RequireWholeAsync(Rows + 10, Events + 10);
    }

    [RequiresServicesFact]
    public async Task An_open_day_and_an_unpublished_file_are_left_alone()
    {
        await using var scene = await CompactionScene.CreateAsync();
        Assert.Equal("not closed long enough", (await scene.CompactAsync(new CompactionOptions { ClosedFor = TimeSpan.FromDays(36_500) })).Outcome);
        scene.Audit.Publish(0, 40, 50);
        var staged = scene.Audit.Stage((_, _) => true, Audit.AuditScene.Lead, (0, 40, 50));
        await scene.Audit.Ledger.RegisterAsync(staged, default);
        await scene.NameAsync(staged);

        Assert.Equal("a file is registered and not published yet", (await scene.CompactAsync()).Outcome);

        Assert.Equal(2, scene.VisibleFiles().Length);
    }

    [RequiresServicesFact]
    public async Task A_file_that_nobody_registered_stops_the_compaction_before_it_changes_anything()
    {
        await using var scene = await CompactionScene.CreateAsync();
        File.WriteAllText(Path.Combine(scene.Folders.Visible, "mine.parquet"), "mine");

        var e = await Assert.ThrowsAsync<InvalidDataException>(() => scene.CompactAsync());

        Assert.Contains("mine.parquet", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, scene.VisibleFiles().Length);
    }

    [RequiresServicesFact]
    public async Task A_file_that_holds_other_rows_than_registered_stops_the_compaction()
    {
        await using var scene = await CompactionScene.CreateAsync();
        File.Copy(scene.VisibleFiles()[0], scene.VisibleFiles()[1], overwrite: true);

        await Assert.ThrowsAsync<InvalidDataException>(() => scene.CompactAsync());

        Assert.False(Directory.Exists(scene.Folders.Beside));
    }

    [RequiresServicesFact]
    public async Task An_audit_that_began_before_finds_the_small_files_beside()
    {
        await using var scene = await CompactionScene.CreateAsync();
        var compacted = false;
        var report = await new AuditRunner(scene.Audit.Options).RunAsync(
            new AuditRequest { Drained = true, Deep = true },
            new Inline(() =>
            {
                // Once the snapshot is taken and the files are found, before the first is opened.
                if (!compacted)
                    scene.CompactAsync(new CompactionOptions()).GetAwaiter().GetResult();
                compacted = true;
            }));

        Assert.True(compacted && scene.VisibleFiles().Length == 1);
        Assert.True(report.IsClean, string.Join('\n', report.Findings));
        Assert.Equal(Events, report.Events);
        Assert.Equal("compacted lately; the files it had before are kept a while", (await scene.CompactAsync(new CompactionOptions())).Outcome);
    }

    [RequiresServicesFact]
    public async Task Two_compactions_of_one_archive_do_not_run_at_once()
    {
        await using var scene = await CompactionScene.CreateAsync();
        var ledger = new CompactionLedger(scene.Audit.DataSource, scene.Audit.Scope.GroupId, scene.Audit.Folder.OpenStorage(), TimeProvider.System);
        await using (var turn = await ledger.TryEnterAsync(default))
        {
            Assert.NotNull(turn);
            var other = await VerbProcess.RunAsync(scene.Audit.Scope, "parquet", "compact", scene.Audit.Folder.Root);
            Assert.Equal(1, other.ExitCode);
            Assert.Contains("another compaction", other.Errors, StringComparison.Ordinal);
        }

        Assert.True((await scene.CompactAsync()).IsCompacted);
    }

    private sealed class Inline(Action report) : IProgress<string>
    {
        public void Report(string value) => report();
    }
}
