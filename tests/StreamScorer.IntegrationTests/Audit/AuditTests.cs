using StreamScorer.App;
using StreamScorer.App.Audit;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Audit;

/// <summary>What the audit says where nothing is wrong, however unusual it looks.</summary>
public class AuditTests
{
    [RequiresServicesFact]
    public async Task An_untouched_account_is_clean_and_counts_everything()
    {
        await using var scene = await AuditScene.CreateAsync();

        foreach (var deep in new[] { false, true })
        {
            var report = await scene.AuditAsync(deep);

            Assert.Empty(report.Findings);
            Assert.True(report.IsClean);
            Assert.Equal(80, report.Events);
            Assert.Equal(76, report.Totals.Scored);
            Assert.Equal(2, report.Totals.DeadLetters);
            Assert.Equal(2, report.Totals.Tombstones);
            Assert.Equal(0, report.Totals.CompactionGaps);
            Assert.Equal(2, report.Checkpoints);
            Assert.Equal(8, report.HotLeads);
            Assert.Equal(2, report.CooledLeads);
        }
    }

    [RequiresServicesFact]
    public async Task A_registered_file_is_read_before_it_is_published()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, 5);
        await scene.WriteHotLeadsAsync((0, 0, 5));
        var staged = scene.Stage((_, _) => true, AuditScene.Lead, (0, 0, 5));
        Assert.Equal(RegistrationOutcome.Done, (await scene.Ledger.RegisterAsync(staged, default)).Outcome);

        var report = await scene.AuditAsync(deep: true);

        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(5, report.Totals.Scored);
    }

    [RequiresServicesFact]
    public async Task Hot_leads_ahead_of_the_checkpoints_are_no_mismatch()
    {
        await using var scene = await AuditScene.CreateAsync();
        scene.Publish(0, 40, 60);
        await scene.WriteHotLeadsAsync((0, 40, 60));

        var report = await scene.AuditAsync(new AuditRequest());

        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(5, report.LeadsAhead);
    }

    [RequiresServicesFact]
    public async Task A_repeated_dead_letter_is_a_class_of_its_own()
    {
        await using var scene = await AuditScene.CreateAsync();
        scene.PublishDeadLetter(1, AuditScene.BadOffset);

        var report = await scene.AuditAsync();

        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(2, report.Totals.DeadLetters);
        Assert.Equal(1, report.Totals.RepeatedDeadLetters);
    }

    [RequiresServicesFact]
    public async Task A_recorded_replay_is_no_duplicate()
    {
        await using var scene = await AuditScene.CreateAsync();
        await new OffsetResets(scene.DataSource, scene.Scope.GroupId, TimeProvider.System).ApplyAsync(
            [new OffsetReset(scene.Scope.Topic, 0, 15)], "test", "test", default);
        await scene.TakeAsync(partitions: 2);
        await scene.CheckpointAsync((0, 15, 30));

        var half = await scene.AuditAsync(new AuditRequest { Deep = true });
        await scene.CheckpointAsync((0, 30, 40));
        var whole = await scene.AuditAsync(deep: true);

        Assert.True(half.IsClean, AuditJson.Line(half));
        Assert.Equal(14, half.Totals.Replayed);
        Assert.True(whole.IsClean, AuditJson.Line(whole));
        Assert.Equal(24, whole.Totals.Replayed);
        Assert.Equal(76, whole.Totals.Scored);
    }

    [RequiresServicesFact]
    public async Task Offsets_skipped_by_a_reset_are_not_lost()
    {
        await using var scene = await AuditScene.CreateAsync();
        scene.Publish(0, 40, 70);
        await new OffsetResets(scene.DataSource, scene.Scope.GroupId, TimeProvider.System).ApplyAsync(
            [new OffsetReset(scene.Scope.Topic, 0, 60)], "test", "test", default);
        await scene.TakeAsync(partitions: 2);
        await scene.CheckpointAsync((0, 60, 70));

        var report = await scene.AuditAsync(deep: true);

        Assert.True(report.IsClean, AuditJson.Line(report));
    }

    [RequiresServicesFact]
    public async Task A_recorded_gap_is_not_lost()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, 7);
        await scene.RecordGapAsync(0, 0, 7);

        var report = await scene.AuditAsync();

        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(7, report.Totals.RecordedGaps);
    }

    [RequiresServicesFact]
    public async Task A_lead_decided_by_an_offset_that_retention_took_before_it_was_registered_is_told_and_no_mismatch()
    {
        // The worker wrote hot leads of the offsets 0 to 9, died before it registered them, and found them gone.
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, 13);
        await scene.WriteHotLeadsAsync((0, 0, 10));
        await scene.RecordGapAsync(0, 0, 10);
        await scene.CheckpointAsync((0, 10, 13));

        var report = await scene.AuditAsync();

        // Hot are 0, 1, 3, 6 and 9; the first two have newer rows, which replaced theirs.
        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Contains("3 leads were last decided by offsets that retention deleted", string.Join('\n', report.Notes), StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_lead_that_a_gap_decided_although_a_file_has_a_newer_event_is_a_mismatch()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, 11);
        await scene.WriteHotLeadsAsync((0, 0, 10));
        await scene.RecordGapAsync(0, 0, 10);
        await scene.CheckpointAsync((0, 10, 11));
        await scene.ExecuteAsync(
            "update hot_leads set source_offset = 0, probability = @old where lead_id = @lead",
            new { old = AuditScene.Probability(0), lead = AuditScene.Lead(0, 0) });

        var report = await scene.AuditAsync();

        Assert.Equal((1, new OffsetRun(10, 11)), (report.Totals.Mismatch, Assert.Single(report.Findings).Offsets));
    }

    [RequiresServicesFact]
    public async Task A_lead_that_a_tombstone_asked_to_forget_may_be_gone_from_hot_leads()
    {
        // Its last event, a hot one, stands at offset 6, its tombstone at offset 16.
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Publish(0, 0, 20);
        scene.PublishDeadLetter(0, AuditScene.BadOffset);
        await scene.CheckpointAsync((0, 0, 20));
        await scene.ExecuteAsync(
            "delete from hot_leads where lead_id = @lead", new { lead = AuditScene.Lead(0, AuditScene.TombstoneOffset) });

        var report = await scene.AuditAsync();

        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(1, report.DeletedLeads);
    }

    [RequiresServicesFact]
    public async Task More_leads_than_fit_in_memory_are_compared_in_passes()
    {
        const int Leads = 6000;
        static string Many(int partition, long offset) => FormattableString.Invariant($"many-{offset}");
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        await scene.WriteHotLeadsAsync(Many, (0, 0, Leads));
        var staged = scene.Stage((_, offset) => AuditScene.HasRow(offset), Many, (0, 0, Leads));
        Assert.Equal(RegistrationOutcome.Done, (await scene.Ledger.RegisterAsync(staged, default)).Outcome);
        scene.Folder.Publish(staged.StagedPath!, staged.FinalPath!);

        var report = await scene.AuditAsync(new AuditRequest { MaxLeads = 1024 });

        Assert.True(report.IsClean, AuditJson.Line(report));
        Assert.Equal(Enumerable.Range(0, Leads).Count(offset => AuditScene.HasRow(offset) && AuditScene.IsHot(offset)), report.HotLeads);
        await scene.ExecuteAsync("update hot_leads set probability = 0.75 where lead_id = 'many-4000'");
        var altered = await scene.AuditAsync(new AuditRequest { MaxLeads = 1024 });
        var finding = Assert.Single(altered.Findings);
        Assert.Equal(4000, finding.Offsets.Start);
        Assert.Equal([staged.FinalPath!], finding.Files);
    }

    [RequiresServicesFact]
    public async Task Services_that_do_not_answer_are_named_with_their_setting()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        scene.Options.Kafka.BootstrapServers = "127.0.0.1:1";
        var kafka = await Assert.ThrowsAsync<ServiceMissingException>(() => scene.AuditAsync());
        scene.Options.ConnectionStrings.HotLeads = "Host=127.0.0.1;Port=1;Username=x;Password=secret";
        var postgres = await Assert.ThrowsAsync<ServiceMissingException>(() => scene.AuditAsync());

        Assert.Contains("127.0.0.1:1", kafka.Message, StringComparison.Ordinal);
        Assert.Contains("Kafka:BootstrapServers", kafka.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", postgres.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:HotLeads", postgres.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", postgres.Message, StringComparison.Ordinal);
    }
}
