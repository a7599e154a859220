using Dapper;
using StreamScorer.App.Audit;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Audit;

/// <summary>Each kind of fault is planted in an account that is clean otherwise; the audit names the offset.</summary>
public class AuditFaultTests
{
    [RequiresServicesFact]
    public async Task A_row_removed_from_a_file_is_lost()
    {
        await using var scene = await AuditScene.CreateAsync();
        var file = scene.Checkpoints[1];
        scene.Replace(file, (partition, offset) => (partition, offset) != (1, 25), AuditScene.Lead);

        var finding = await OnlyFindingAsync(scene, AuditFault.Lost);

        Assert.Equal((1, new OffsetRun(25, 26), 1), (finding.Partition, finding.Offsets, finding.Count));
        Assert.Equal([file.FinalPath!], finding.Files);
        Assert.Contains("19 rows", finding.Found, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_row_removed_whose_record_the_topic_no_longer_has_is_lost_too()
    {
        // The registered range ends beyond the topic, as if retention had taken the record.
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, 5);
        var staged = scene.Stage((_, _) => true, AuditScene.Lead, (0, 0, 8));
        await scene.WriteHotLeadsAsync((0, 0, 8));
        Assert.Equal(RegistrationOutcome.Done, (await scene.Ledger.RegisterAsync(staged, default)).Outcome);
        scene.Folder.Publish(staged.StagedPath!, staged.FinalPath!);
        scene.Replace(staged, (_, offset) => offset != 5, AuditScene.Lead);

        var finding = await OnlyFindingAsync(scene, AuditFault.Lost);

        Assert.Equal((new OffsetRun(0, 8), 1), (finding.Offsets, finding.Count));
        Assert.Equal([staged.FinalPath!], finding.Files);
    }

    [RequiresServicesFact]
    public async Task A_copied_file_is_twice_there()
    {
        await using var scene = await AuditScene.CreateAsync();
        var file = scene.Checkpoints[0];
        var copy = Path.Combine(Path.GetDirectoryName(scene.PathOf(file))!, "copy.parquet");
        File.Copy(scene.PathOf(file), copy);

        var report = await scene.AuditAsync();

        Assert.Equal((0, 36, 0, 0), Faults(report));
        Assert.All(report.Findings, finding =>
        {
            Assert.EndsWith("/copy.parquet", finding.Files[0], StringComparison.Ordinal);
            Assert.Equal(file.FinalPath!, finding.Files[1]);
        });
        Assert.Equal([new OffsetRun(0, 13), new OffsetRun(14, 16), new OffsetRun(17, 20)],
            report.Findings.Where(finding => finding.Partition == 0).Select(finding => finding.Offsets));
    }

    [RequiresServicesFact]
    public async Task An_altered_hot_lead_is_a_mismatch()
    {
        await using var scene = await AuditScene.CreateAsync();
        // The next double: the audit compares bits.
        await scene.ExecuteAsync(
            "update hot_leads set probability = @altered where lead_id = @lead",
            new { altered = Math.BitIncrement(AuditScene.Probability(33)), lead = AuditScene.Lead(1, 3) });

        var finding = await OnlyFindingAsync(scene, AuditFault.Mismatch);

        Assert.Equal((1, new OffsetRun(33, 34)), (finding.Partition, finding.Offsets));
        Assert.Contains("lead-1-3", finding.Found, StringComparison.Ordinal);
        Assert.Equal([scene.Checkpoints[1].FinalPath!], finding.Files);
        Assert.Contains("row ", finding.Expected, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_hot_lead_of_another_model_is_a_mismatch()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync("update hot_leads set model_id = 'other' where lead_id = @lead", new { lead = AuditScene.Lead(0, 0) });

        Assert.Equal(new OffsetRun(30, 31), (await OnlyFindingAsync(scene, AuditFault.Mismatch)).Offsets);
    }

    [RequiresServicesFact]
    public async Task A_lead_that_should_have_cooled_is_a_mismatch()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync("update hot_leads set cooled_at = null where lead_id = @lead", new { lead = AuditScene.Lead(0, 1) });

        Assert.Equal(new OffsetRun(31, 32), (await OnlyFindingAsync(scene, AuditFault.Mismatch)).Offsets);
    }

    [RequiresServicesFact]
    public async Task A_missing_hot_lead_is_a_mismatch()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync("delete from hot_leads where lead_id = @lead", new { lead = AuditScene.Lead(1, 9) });

        var finding = await OnlyFindingAsync(scene, AuditFault.Mismatch);

        Assert.Equal((1, new OffsetRun(39, 40)), (finding.Partition, finding.Offsets));
        Assert.Contains("lead-1-9", finding.Found, StringComparison.Ordinal);
        Assert.Equal([scene.Checkpoints[1].FinalPath!], finding.Files);
    }

    [RequiresServicesFact]
    public async Task A_hot_lead_from_nowhere_is_a_mismatch()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync("update hot_leads set lead_id = 'nobody' where lead_id = @lead", new { lead = AuditScene.Lead(0, 3) });

        var report = await scene.AuditAsync();

        Assert.Equal((0, 0, 0, 2), Faults(report));
        Assert.Contains(report.Findings, finding => finding.Found.Contains("nobody", StringComparison.Ordinal));
        Assert.Contains(report.Findings, finding => finding.Found.Contains("no row for lead lead-0-3", StringComparison.Ordinal));
    }

    [RequiresServicesFact]
    public async Task A_dead_letter_taken_away_is_lost()
    {
        // Topics cannot be edited: the audit is pointed at a dead-letter topic that never got the letter.
        await using var scene = await AuditScene.CreateAsync();
        await using var other = await TestScope.CreateAsync();
        scene.Options.Kafka.DeadLetterTopic = other.DeadLetterTopic;

        var report = await scene.AuditAsync();

        Assert.Equal((2, 0, 0, 0), Faults(report));
        Assert.Equal([(0, 13L), (1, 13L)], report.Findings.Select(finding => (finding.Partition, finding.Offsets.Start)));
        Assert.All(report.Findings, finding => Assert.Contains("no dead letter", finding.Found, StringComparison.Ordinal));
    }

    [RequiresServicesFact]
    public async Task A_deleted_file_is_lost_with_every_row()
    {
        await using var scene = await AuditScene.CreateAsync();
        var file = scene.Checkpoints[0];
        File.Delete(scene.PathOf(file));

        var report = await scene.AuditAsync();

        Assert.Equal((36, 0, 0, 0), Faults(report));
        Assert.All(report.Findings, finding =>
        {
            Assert.Equal([file.FinalPath!], finding.Files);
            Assert.Contains("is missing", finding.Found, StringComparison.Ordinal);
        });
        Assert.Equal(2, report.Totals.Tombstones);
        Assert.Equal(2, report.Totals.DeadLetters);
    }

    [RequiresServicesFact]
    public async Task A_damaged_file_is_lost_with_every_row()
    {
        await using var scene = await AuditScene.CreateAsync();
        File.WriteAllText(scene.PathOf(scene.Checkpoints[0]), "not Parquet");

        var report = await scene.AuditAsync();

        Assert.Equal((36, 0, 0, 0), Faults(report));
        Assert.All(report.Findings, finding => Assert.Contains("cannot be read", finding.Found, StringComparison.Ordinal));
    }

    [RequiresServicesFact]
    public async Task Rows_about_another_lead_are_found_by_the_deep_audit()
    {
        await using var scene = await AuditScene.CreateAsync();
        scene.Replace(
            scene.Checkpoints[0], (_, offset) => AuditScene.HasRow(offset),
            (partition, offset) => (partition, offset) == (0, 5) ? "somebody-else" : AuditScene.Lead(partition, offset));

        var report = await scene.AuditAsync(deep: true);

        var finding = Assert.Single(report.Findings);
        Assert.Equal((0, new OffsetRun(5, 6)), (finding.Partition, finding.Offsets));
        Assert.Contains("somebody-else", finding.Found, StringComparison.Ordinal);
        Assert.Contains("lead-0-5", finding.Expected, StringComparison.Ordinal);
        Assert.Equal([scene.Checkpoints[0].FinalPath!], finding.Files);

        var elsewhere = await scene.AuditAsync(new AuditRequest { Deep = true, Window = new OffsetRun(10, 40) });
        Assert.True(elsewhere.IsClean, AuditJson.Line(elsewhere));
    }

    [RequiresServicesFact]
    public async Task Overlapping_registrations_are_duplicates()
    {
        await using var scene = await AuditScene.CreateAsync();
        await RegisterByHandAsync(scene, scene.Stage((_, offset) => AuditScene.HasRow(offset), AuditScene.Lead, (0, 35, 38)), incarnation: 0);

        var finding = await OnlyFindingAsync(scene, AuditFault.Duplicate);

        Assert.Equal((0, new OffsetRun(35, 38), 3), (finding.Partition, finding.Offsets, finding.Count));
        Assert.Equal(2, finding.Files.Count);
        Assert.Contains(scene.Checkpoints[1].FinalPath!, finding.Files);
    }

    [RequiresServicesFact]
    public async Task A_range_that_nobody_registered_is_lost()
    {
        // As a restored database would have it: progress is further than the register.
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync("delete from checkpoint_ranges where start_offset = 20 and partition = 1");

        var report = await scene.AuditAsync();

        Assert.True(report.Totals.Mismatch > 0 || report.Totals.Lost > 0);
        Assert.Contains(report.Findings, finding => finding.Partition == 1 && finding.Offsets.Start == 20);
        Assert.DoesNotContain(report.Findings, finding => finding.Partition == 0);
    }

    [RequiresServicesFact]
    public async Task Records_beyond_progress_are_unseen_after_a_drain()
    {
        await using var scene = await AuditScene.CreateAsync();
        scene.Publish(1, 40, 43);

        var finding = await OnlyFindingAsync(scene, AuditFault.Unseen);
        var undrained = await scene.AuditAsync(new AuditRequest());

        Assert.Equal((1, new OffsetRun(40, 43), 3), (finding.Partition, finding.Offsets, finding.Count));
        Assert.True(undrained.IsClean);
    }

    private static async Task<AuditFinding> OnlyFindingAsync(AuditScene scene, AuditFault fault)
    {
        var report = await scene.AuditAsync();
        var finding = Assert.Single(report.Findings);
        Assert.Equal(fault, finding.Fault);
        Assert.NotEmpty(finding.Remedy);
        Assert.False(report.IsClean);
        return finding;
    }

    private static (long Lost, long Duplicate, long Unseen, long Mismatch) Faults(AuditReport report) =>
        (report.Totals.Lost, report.Totals.Duplicate, report.Totals.Unseen, report.Totals.Mismatch);

    /// <summary>Enters a file as the ledger never would: beside a range that another one has.</summary>
    private static async Task RegisterByHandAsync(AuditScene scene, StagedCheckpoint staged, long incarnation)
    {
        await scene.ExecuteAsync(
            """
            insert into checkpoint_files (file_id, group_id, storage_id, staged_path, final_path, row_count, registered_at)
            select @FileId, group_id, storage_id, @StagedPath, @FinalPath, @RowCount, now() from checkpoint_files limit 1
            """, staged);
        foreach (var range in staged.Ranges)
        {
            await scene.ExecuteAsync(
                """
                insert into checkpoint_ranges
                    (file_id, group_id, topic, partition, incarnation, owner_epoch, start_offset, end_offset, row_count)
                values (@fileId, @group, @Topic, @Partition, @incarnation, @OwnerEpoch, @StartOffset, @EndOffset, @RowCount)
                """,
                new
                {
                    fileId = staged.FileId,
                    group = scene.Scope.GroupId,
                    incarnation,
                    range.Topic,
                    range.Partition,
                    range.OwnerEpoch,
                    range.StartOffset,
                    range.EndOffset,
                    range.RowCount,
                });
        }

        scene.Folder.Publish(staged.StagedPath!, staged.FinalPath!);
    }
}
