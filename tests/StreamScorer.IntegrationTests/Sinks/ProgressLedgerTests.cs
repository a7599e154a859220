using Confluent.Kafka;
using Npgsql;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>
/// Steps 1 and 5 of the delivery protocol against a real PostgreSQL. Comments name the mutation a test turns red for.
/// </summary>
public sealed class ProgressLedgerTests
{
    private static readonly string Topic = SinkDatabase.Topic;

    [RequiresServicesFact]
    public async Task Take_starts_a_new_partition_at_the_initial_offset()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.Ledger.TakeAsync([new TakeRequest(Topic, 3, 42)], "a", default);
        Assert.Equal([new TakenPartition(Topic, 3, 1, 42)], taken);
        Assert.Equal(42, (await db.Ledger.ReadProgressAsync(Topic, default))[new TopicPartition(Topic, 3)]);
    }

    // Mutation: a taking that does not raise the epoch, or that resets progress to the group's offset.
    [RequiresServicesFact]
    public async Task Take_raises_the_epoch_of_each_partition_and_keeps_its_progress()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var first = (await db.TakeAsync())[0];
        await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((first, 0, 10)), default);
        var again = await db.Ledger.TakeAsync([new TakeRequest(Topic, 1, 7), new TakeRequest(Topic, 0, 99)], "b", default);
        Assert.Equal([new TakenPartition(Topic, 0, 2, 10), new TakenPartition(Topic, 1, 1, 7)], again);
    }

    [RequiresServicesFact]
    public async Task Progress_of_other_groups_and_topics_stands_apart()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await db.TakeAsync();
        var other = new ProgressLedger(db.DataSource, "others", db.StorageId, TimeProvider.System);
        Assert.Equal(1, (await other.TakeAsync([new TakeRequest(Topic, 0, 5)], "c", default))[0].OwnerEpoch);
        await db.Ledger.TakeAsync([new TakeRequest("elsewhere", 0, 8)], "a", default);
        Assert.Equal(0, Assert.Single(await db.Ledger.ReadProgressAsync(Topic, default)).Value);
        Assert.Equal(2, (await db.Ledger.ReadProgressAsync(null, default)).Count);
    }

    [RequiresServicesFact]
    public async Task Register_moves_progress_and_enters_file_and_ranges()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync(2);
        var checkpoint = SinkDatabase.Checkpoint((taken[0], 0, 10), (taken[1], 0, 3));
        Assert.Equal(RegistrationOutcome.Done, (await db.Ledger.RegisterAsync(checkpoint, default)).Outcome);
        Assert.Equal(10, await db.NextOffsetAsync(0));
        Assert.Equal(3, await db.NextOffsetAsync(1));
        Assert.Equal(2, await db.ScalarAsync<long>("select count(*) from checkpoint_ranges where file_id = @FileId", checkpoint));
        var unpublished = Assert.Single(await db.Ledger.UnpublishedAsync(default));
        Assert.Equal(new UnpublishedFile(checkpoint.FileId, checkpoint.StagedPath, checkpoint.FinalPath), unpublished);
    }

    // Mutation: no epoch in the registration. The zombie's range starts right where progress stands.
    [RequiresServicesFact]
    [Scenario(22, Means.RealDatabase, "refused, nothing changed")]
    public async Task Register_under_an_old_epoch_is_refused_although_the_start_matches()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var zombie = (await db.TakeAsync())[0];
        await db.TakeAsync();
        var result = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((zombie, 0, 10)), default);
        Assert.Equal(RegistrationOutcome.Refused, result.Outcome);
        Assert.Equal([new TopicPartition(Topic, 0)], result.RefusedPartitions);
        Assert.Equal(0, await db.NextOffsetAsync());
        Assert.Equal(0, await db.FilesAsync());
    }

    // Mutation: no start in the registration: a range would be skipped or counted twice.
    [RequiresServicesTheory]
    [InlineData(5)]
    [InlineData(15)]
    public async Task Register_that_does_not_start_at_progress_is_refused(long start)
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((taken, 0, 10)), default);
        var result = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((taken, start, 20)), default);
        Assert.Equal(RegistrationOutcome.Refused, result.Outcome);
        Assert.Equal(10, await db.NextOffsetAsync());
    }

    // Mutation: committing the partitions that match and rewriting the file for the others.
    [RequiresServicesFact]
    public async Task Register_is_all_or_nothing()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync(3);
        await db.Ledger.TakeAsync([new TakeRequest(Topic, 1, 0)], "b", default);
        var result = await db.Ledger.RegisterAsync(
            SinkDatabase.Checkpoint((taken[0], 0, 10), (taken[1], 0, 10), (taken[2], 0, 10)), default);
        Assert.Equal([new TopicPartition(Topic, 1)], result.RefusedPartitions);
        Assert.Equal(0, await db.NextOffsetAsync(0));
        Assert.Equal(0, await db.NextOffsetAsync(2));
        Assert.Equal(0, await db.FilesAsync());
    }

    [RequiresServicesFact]
    public async Task Register_of_a_partition_that_nobody_took_is_refused()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var result = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((new TakenPartition(Topic, 0, 1, 0), 0, 10)), default);
        Assert.Equal([new TopicPartition(Topic, 0)], result.RefusedPartitions);
    }

    // Mutation: an unknown outcome taken for a failure, that is, asked again under another file id or answered "refused".
    [RequiresServicesFact]
    public async Task Asked_again_with_the_same_file_id_a_registration_answers_already()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var checkpoint = SinkDatabase.Checkpoint((taken, 0, 10));
        await db.Ledger.RegisterAsync(checkpoint, default);
        Assert.Equal(RegistrationOutcome.Already, (await db.Ledger.RegisterAsync(checkpoint, default)).Outcome);

        // Also when the partition has a new owner and progress has gone on.
        var next = (await db.TakeAsync())[0];
        await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((next, 10, 20)), default);
        var result = await db.Ledger.RegisterAsync(checkpoint, default);
        Assert.Equal(RegistrationOutcome.Already, result.Outcome);
        Assert.True(result.IsRegistered);
        Assert.Equal(20, await db.NextOffsetAsync());
        Assert.Equal(2, await db.FilesAsync());
    }

    // Mutation: the file id looked up before the locks. The first attempt's commit is under way while the second asks.
    [RequiresServicesFact]
    [Scenario(67, Means.RealDatabase, "answers already, once the first COMMIT is through")]
    public async Task A_second_ask_waits_for_a_commit_under_way_and_then_answers_already()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var checkpoint = SinkDatabase.Checkpoint((taken, 0, 10));

        // What the first attempt has done up to its COMMIT, whose answer the worker never gets.
        await using var first = await db.DataSource.OpenConnectionAsync();
        await using var commitUnderWay = await first.BeginTransactionAsync();
        await ExecuteAsync(first, "update stream_progress set next_offset = 10");
        await ExecuteAsync(
            first,
            $"""
            insert into checkpoint_files (file_id, group_id, storage_id, staged_path, final_path, row_count, registered_at)
            values ('{checkpoint.FileId}', 'scorers', '{db.StorageId}', 's', 'f', 10, now())
            """);
        var second = db.Ledger.RegisterAsync(checkpoint, default);
        await db.WaitForLockAsync("stream_progress");
        Assert.False(second.IsCompleted);
        await commitUnderWay.CommitAsync();
        Assert.Equal(RegistrationOutcome.Already, (await second).Outcome);
    }

    // Mutation: no lock. Both would read next_offset 0 and both would register offsets 0 to 10.
    [RequiresServicesFact]
    public async Task Of_two_registrations_of_one_range_exactly_one_is_done()
    {
        await using var db = await SinkDatabase.CreateAsync();
        for (int round = 0; round < 20; round++)
        {
            var taken = await db.TakeAsync(2);
            long start = taken[0].NextOffset;
            var attempts = Enumerable.Range(0, 4).Select(i => Task.Run(() => db.Ledger.RegisterAsync(
                SinkDatabase.Checkpoint(
                    i % 2 == 0 ? [(taken[0], start, start + 10), (taken[1], start, start + 10)]
                    : [(taken[1], start, start + 10), (taken[0], start, start + 10)]), default)));
            var results = await Task.WhenAll(attempts);
            Assert.Equal(1, results.Count(result => result.Outcome == RegistrationOutcome.Done));
            Assert.Equal(start + 10, await db.NextOffsetAsync());
        }
    }

    // Mutation: locks in the order in which the server happens to find the rows. Two workers could wait for each other.
    [RequiresServicesFact]
    public async Task Partitions_are_locked_in_order_whatever_the_order_of_rows_and_ranges()
    {
        await using var db = await SinkDatabase.CreateAsync();

        // The later partition first in the table, and plans that read the table as it lies.
        var second = await db.Ledger.TakeAsync([new TakeRequest(Topic, 1, 0)], "a", default);
        var first = await db.Ledger.TakeAsync([new TakeRequest(Topic, 0, 0)], "a", default);
        var settings = new NpgsqlConnectionStringBuilder(db.ConnectionString)
        {
            Options = "-c enable_mergejoin=off -c enable_indexscan=off -c enable_bitmapscan=off -c enable_hashjoin=off",
        };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        var ledger = new ProgressLedger(dataSource, SinkDatabase.Group, db.StorageId, TimeProvider.System);

        await using var holder = await db.DataSource.OpenConnectionAsync();
        await using var holding = await holder.BeginTransactionAsync();
        await ExecuteAsync(holder, "select from stream_progress where partition = 0 for update");
        var register = ledger.RegisterAsync(SinkDatabase.Checkpoint((second[0], 0, 10), (first[0], 0, 10)), default);
        await db.WaitForLockAsync("stream_progress");
        await db.ExecuteAsync("select from stream_progress where partition = 1 for update nowait");
        await holding.CommitAsync();
        Assert.True((await register).IsRegistered);
    }

    // Mutation: a taking that does not wait for a registration under way would read the progress before it.
    [RequiresServicesFact]
    public async Task Take_waits_for_a_registration_under_way()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await db.TakeAsync();
        await using var connection = await db.DataSource.OpenConnectionAsync();
        await using var underWay = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, "select from stream_progress for update; update stream_progress set next_offset = 10");
        var take = db.TakeAsync();
        await db.WaitForLockAsync("stream_progress");
        await underWay.CommitAsync();
        Assert.Equal(new TakenPartition(Topic, 0, 2, 10), (await take)[0]);
    }

    // Mutation: no limit on an idle transaction. The partition of a worker that was frozen in it could not be taken.
    [RequiresServicesTheory]
    [InlineData(TransactionSettings.WaitForDisk, ProgressLock.ForUpdate)]
    [InlineData(TransactionSettings.DoNotWaitForDisk, ProgressLock.ForShare)]
    [Scenario(21, Means.RealDatabase, "the server ends the transaction of a frozen worker")]
    public async Task A_worker_frozen_in_a_transaction_loses_its_locks(string settings, string locking)
    {
        await using var db = await SinkDatabase.CreateAsync();
        await db.TakeAsync();
        await using var frozen = await db.DataSource.OpenConnectionAsync();
        await using var transaction = await frozen.BeginTransactionAsync();
        await using (var batch = new NpgsqlBatch(frozen))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(settings));
            batch.BatchCommands.Add(ProgressLock.Command(locking, SinkDatabase.Group, [new TopicPartition(Topic, 0)]));
            await batch.ExecuteNonQueryAsync();
        }

        Assert.Equal(2, (await db.TakeAsync())[0].OwnerEpoch);
        var thawed = await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
        Assert.True(SinkErrors.IsTransient(thawed));
    }

    [RequiresServicesFact]
    public async Task A_checkpoint_without_rows_moves_progress_and_needs_no_publication()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var ranges = new[] { new PartitionRange(Topic, 0, taken.OwnerEpoch, 0, 5, 0) };
        var result = await db.Ledger.RegisterAsync(new StagedCheckpoint(Guid.NewGuid(), null, null, 0, ranges), default);
        Assert.Equal(RegistrationOutcome.Done, result.Outcome);
        Assert.Equal(5, await db.NextOffsetAsync());
        Assert.Empty(await db.Ledger.UnpublishedAsync(default));
    }

    [RequiresServicesFact]
    public async Task Checkpoints_that_account_for_nothing_or_twice_are_a_fault_of_the_caller()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        StagedCheckpoint[] faulty =
        [
            SinkDatabase.Checkpoint(),
            SinkDatabase.Checkpoint((taken, 5, 5)),
            SinkDatabase.Checkpoint((taken, 0, 5), (taken, 5, 9)),
        ];
        foreach (var checkpoint in faulty)
            await Assert.ThrowsAsync<ArgumentException>(() => db.Ledger.RegisterAsync(checkpoint, default));
    }

    [RequiresServicesFact]
    public async Task Publication_is_marked_once_and_only_files_of_this_storage_are_listed()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = (await db.TakeAsync())[0];
        var checkpoint = SinkDatabase.Checkpoint((taken, 0, 10));
        await db.Ledger.RegisterAsync(checkpoint, default);
        var elsewhere = new ProgressLedger(db.DataSource, SinkDatabase.Group, Guid.NewGuid(), TimeProvider.System);
        Assert.Empty(await elsewhere.UnpublishedAsync(default));

        await db.Ledger.MarkPublishedAsync(checkpoint.FileId, default);
        var first = await db.ScalarAsync<DateTime>("select published_at from checkpoint_files");
        await db.Ledger.MarkPublishedAsync(checkpoint.FileId, default);
        Assert.Equal(first, await db.ScalarAsync<DateTime>("select published_at from checkpoint_files"));
        Assert.Empty(await db.Ledger.UnpublishedAsync(default));
    }

    // Mutation: a gap recorded without its epoch would let a zombie skip the new owner's offsets.
    [RequiresServicesFact]
    public async Task A_gap_moves_progress_on_record_under_the_epoch()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var old = (await db.TakeAsync())[0];
        var taken = (await db.TakeAsync())[0];
        var owner = new PartitionEpoch(Topic, 0, taken.OwnerEpoch);
        Assert.Equal(
            RegistrationOutcome.Refused,
            await db.Ledger.RecordGapAsync(owner with { OwnerEpoch = old.OwnerEpoch }, 0, 100, GapReason.Retention, default));
        Assert.Equal(RegistrationOutcome.Done, await db.Ledger.RecordGapAsync(owner, 0, 100, GapReason.Retention, default));
        Assert.Equal(RegistrationOutcome.Already, await db.Ledger.RecordGapAsync(owner, 0, 100, GapReason.Retention, default));
        Assert.Equal(RegistrationOutcome.Refused, await db.Ledger.RecordGapAsync(owner, 50, 120, GapReason.Retention, default));
        Assert.Equal(100, await db.NextOffsetAsync());
        Assert.Equal("retention", await db.ScalarAsync<string>("select reason from offset_gaps"));
        var result = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((taken, 100, 110)), default);
        Assert.Equal(RegistrationOutcome.Done, result.Outcome);
    }

    [RequiresServicesFact]
    public async Task A_checkpoint_folder_belongs_to_one_group()
    {
        await using var db = await SinkDatabase.CreateAsync();
        Assert.Empty(await db.Ledger.EnterStorageAsync("/a", default));
        Assert.Empty(await db.Ledger.EnterStorageAsync("/a-moved", default));
        var second = new ProgressLedger(db.DataSource, SinkDatabase.Group, Guid.NewGuid(), TimeProvider.System);
        Assert.Equal(["/a-moved"], await second.EnterStorageAsync("/b", default));
        var others = new ProgressLedger(db.DataSource, "others", db.StorageId, TimeProvider.System);
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => others.EnterStorageAsync("/a", default));
        Assert.Contains("scorers", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Checkpoint:Folder", fault.Message, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_database_that_does_not_wait_for_the_disk_by_default_still_does_for_progress()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var settings = new NpgsqlConnectionStringBuilder(db.ConnectionString) { Options = "-c synchronous_commit=off" };
        await using var careless = NpgsqlDataSource.Create(settings.ConnectionString);
        await using (var connection = await careless.OpenConnectionAsync())
        {
            // Seen from inside the transaction that the ledger makes.
            await ExecuteAsync(
                connection,
                """
                create table seen (setting text);
                create function see() returns trigger language plpgsql as
                $$ begin insert into seen values (current_setting('synchronous_commit')); return null; end $$;
                create trigger see after insert or update on stream_progress execute function see();
                """);
        }

        var ledger = new ProgressLedger(careless, SinkDatabase.Group, db.StorageId, TimeProvider.System);
        var taken = await ledger.TakeAsync([new TakeRequest(Topic, 0, 0)], "a", default);
        await ledger.RegisterAsync(SinkDatabase.Checkpoint((taken[0], 0, 10)), default);
        Assert.Equal("on", await db.ScalarAsync<string>("select string_agg(distinct setting, ',') from seen"));
    }

    // Mutation: the witnesses are not asked. Hot leads that the crash took would stay lost.
    [RequiresServicesFact]
    public async Task What_was_taken_before_a_crash_of_the_server_is_refused_after_it()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var before = await db.TakeAsync();
        const string Persistence = "select relpersistence::text from pg_class where oid = 'take_witnesses'::regclass";
        Assert.Equal("u", await db.ScalarAsync<string>(Persistence));
        await db.ExecuteAsync("truncate take_witnesses"); // What recovery does to every unlogged table.
        var answer = await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((before[0], 0, 10)), default);
        Assert.Equal(RegistrationOutcome.Refused, answer.Outcome);
        Assert.Equal(0, await db.NextOffsetAsync());

        var after = await db.TakeAsync();
        Assert.True((await db.Ledger.RegisterAsync(SinkDatabase.Checkpoint((after[0], 0, 10)), default)).IsRegistered);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
