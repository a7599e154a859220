using Confluent.Kafka;
using Dapper;
using Npgsql;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>Step 2 of the delivery protocol against a real PostgreSQL. Comments name the mutation a test turns red for.</summary>
public sealed class HotLeadSinkTests
{
    private const string Row =
        """
        select lead_id as LeadId, probability as Probability, bucket::int as Bucket, tier as Tier, reasons::text as Reasons,
               features::text as Features, model_id as ModelId, event_time as EventTime, source_partition as Partition,
               source_offset as Offset, source_timestamp as SourceTimestamp, source_incarnation as Incarnation,
               first_hot_at as FirstHotAt, last_scored_at as LastScoredAt, cooled_at as CooledAt
        from hot_leads
        """;

    [RequiresServicesFact]
    public async Task A_hot_lead_gets_a_row_with_everything_and_a_cold_one_gets_none()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync(2);
        var hot = new Lead("héiß", 0.9375000000000001, 7)
        {
            Partition = 1,
            TimestampMicros = 1_700_000_000_123_456,
            OccurredAtMicros = -1,
        };
        var result = await WriteAsync(db, taken, [hot, new Lead("cold", 0.7, 3)]);
        Assert.Equal(1, result.RowsWritten);
        var row = Assert.Single(await RowsAsync(db));
        Assert.Equal("héiß", row.LeadId);
        Assert.Equal(0.9375000000000001, row.Probability);
        Assert.Equal((5, "A", 1, 7L, 0L), (row.Bucket, row.Tier, row.Partition, row.Offset, row.Incarnation));
        Assert.Equal("""{"city": "Mumbai"}""", row.Features);
        Assert.Equal("""[{"feature": "City"}]""", row.Reasons);
        Assert.Equal(DateTime.UnixEpoch.AddTicks(1_700_000_000_123_456 * 10), row.SourceTimestamp);
        Assert.Equal(DateTime.UnixEpoch.AddTicks(-10), row.EventTime);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1), row.FirstHotAt);
        Assert.Equal(row.FirstHotAt, row.LastScoredAt);
        Assert.Null(row.CooledAt);
    }

    [RequiresServicesFact]
    [Scenario(51, Means.RealDatabase, "unknown times are null, nothing is ordered by them")]
    public async Task Times_that_are_not_known_are_null()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await WriteAsync(db, await db.TakeAsync(), [new Lead("a", 0.9, 0)]);
        var row = Assert.Single(await RowsAsync(db));
        Assert.Null(row.EventTime);
        Assert.Null(row.SourceTimestamp);
    }

    // An update stays within its page only while no index reads a column that it changes, in its keys or its condition.
    [RequiresServicesFact]
    public async Task No_index_reads_a_column_that_every_score_changes()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await using var connection = await db.DataSource.OpenConnectionAsync();
        var indexed = (await connection.QueryAsync<string>(
            """
            select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
            where i.indrelid = 'hot_leads'::regclass
            union
            select a.attname::text from pg_index i
            join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = i.indrelid
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid
            where i.indrelid = 'hot_leads'::regclass order by 1
            """)).ToList();
        Assert.Equal(["cooled_at", "first_hot_at", "lead_id", "organization_id", "probability_band", "tier", "turned_hot_at"], indexed);
    }

    [RequiresServicesFact]
    public async Task A_lead_turns_hot_then_cold_then_hot_again_and_keeps_its_first_time()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await WriteAsync(db, taken, [new Lead("a", 0.9, 0)], scoredAt: 1);
        await WriteAsync(db, taken, [new Lead("a", 0.6, 1)], "m2", scoredAt: 2);
        var cooled = Assert.Single(await RowsAsync(db));
        Assert.Equal((0.6, 1L, "m2"), (cooled.Probability, cooled.Offset, cooled.ModelId));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(2), cooled.CooledAt);
        Assert.Null(cooled.Reasons);
        Assert.NotNull(cooled.Features);
        Assert.Equal(0, await db.ScalarAsync<long>("select count(*) from hot_leads_current"));

        await WriteAsync(db, taken, [new Lead("a", 0.5, 2)], scoredAt: 3);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(2), Assert.Single(await RowsAsync(db)).CooledAt);

        await WriteAsync(db, taken, [new Lead("a", 0.8, 3)], scoredAt: 4);
        var again = Assert.Single(await RowsAsync(db));
        Assert.Null(again.CooledAt);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1), again.FirstHotAt);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(4), again.LastScoredAt);
        Assert.Equal(1, await db.ScalarAsync<long>("select count(*) from hot_leads_current"));
    }

    // Mutation: only the newest event of a batch looked at. The row would be there or not as batches happen to end.
    [RequiresServicesFact]
    [Scenario(50, Means.RealDatabase, "two events of one lead in a batch: the later decides")]
    public async Task A_lead_that_is_hot_and_cold_in_one_batch_has_a_cooled_row()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        var hot = new Lead("a", 0.9, 0) { Features = """{"city": "Pune"}""" };
        await WriteAsync(db, taken, [hot, new Lead("a", 0.2, 1), new Lead("b", 0.2, 2)], scoredAt: 5);
        var row = Assert.Single(await RowsAsync(db));
        Assert.Equal((0.2, 1L, hot.Features), (row.Probability, row.Offset, row.Features));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(5), row.FirstHotAt);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(5), row.CooledAt);

        // It heats and cools again within a batch: it has cooled anew.
        await WriteAsync(db, taken, [new Lead("a", 0.8, 3), new Lead("a", 0.1, 4)], scoredAt: 9);
        row = Assert.Single(await RowsAsync(db));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(5), row.FirstHotAt);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(9), row.CooledAt);
    }

    [RequiresServicesTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_table_does_not_depend_on_where_batches_end(int seed)
    {
        var random = new Random(seed);
        var events = Enumerable.Range(0, 3000).Select(offset => new Lead($"lead-{random.Next(400)}", random.NextDouble(), offset)
        {
            Features = $$"""{"n": {{offset}}}""",
            Reasons = $"[{offset}]",
        }).ToArray();
        var tables = new List<string>();
        foreach (int most in new[] { 3000, 200, 7 })
        {
            await using var db = await SinkDatabase.CreateAsync();
            var taken = await db.TakeAsync();
            for (int start = 0, size; start < events.Length; start += size)
            {
                size = Math.Min(random.Next(1, most * 2), events.Length - start);
                await WriteAsync(db, taken, events[start..(start + size)]);
            }

            var rows = await RowsAsync(db);
            tables.Add(string.Join('\n', rows.Select(row => row with { CooledAt = null } + (row.CooledAt is null ? " hot" : " cold"))));
        }

        Assert.True(tables.Distinct().Count() == 1, $"seed {seed}");
    }

    // Mutation: no epoch in the hot-lead write.
    [RequiresServicesFact]
    [Scenario(22, Means.RealDatabase, "nothing of the old owner reaches the table")]
    public async Task A_write_under_an_old_epoch_is_refused_whole()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var zombie = await db.TakeAsync(2);
        await db.Ledger.TakeAsync([new TakeRequest(SinkDatabase.Topic, 1, 0)], "b", default);
        var result = await WriteAsync(db, zombie, [new Lead("a", 0.9, 0), new Lead("b", 0.9, 0) { Partition = 1 }]);
        Assert.False(result.IsWritten);
        Assert.Equal([new TopicPartition(SinkDatabase.Topic, 1)], result.RefusedPartitions);
        Assert.Empty(await RowsAsync(db));
    }

    [RequiresServicesFact]
    public async Task A_write_for_a_partition_that_nobody_took_is_refused()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var result = await WriteAsync(db, [new TakenPartition(SinkDatabase.Topic, 0, 1, 0)], [new Lead("a", 0.9, 0)]);
        Assert.False(result.IsWritten);
    }

    [RequiresServicesFact]
    public async Task A_lead_whose_partition_has_no_epoch_is_a_fault_of_the_caller()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(db, taken, [new Lead("a", 0.9, 0) { Partition = 1 }]));
    }

    // Mutation: guard > instead of >=. The new owner's model must replace what the old one's model said of the same event.
    [RequiresServicesFact]
    [Scenario(68, Means.RealDatabase, "the redelivered offset replaces its own row")]
    public async Task The_same_offset_scored_again_by_another_model_replaces_the_row()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await WriteAsync(db, await db.TakeAsync(), [new Lead("a", 0.9, 5)], "m1");
        await WriteAsync(db, await db.TakeAsync(), [new Lead("a", 0.8, 5)], "m2");
        var row = Assert.Single(await RowsAsync(db));
        Assert.Equal((0.8, "m2"), (row.Probability, row.ModelId));

        // And the other way: scored again as cold.
        await WriteAsync(db, await db.TakeAsync(), [new Lead("a", 0.1, 5)], "m3");
        Assert.NotNull(Assert.Single(await RowsAsync(db)).CooledAt);
    }

    // Mutation: no guard. A redelivered batch ends below what the table holds.
    [RequiresServicesTheory]
    [InlineData(0.95)]
    [InlineData(0.2)]
    [Scenario(50, Means.RealDatabase, "the highest offset wins")]
    public async Task An_older_event_never_replaces_a_newer_one(double older)
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await WriteAsync(db, taken, [new Lead("a", 0.9, 5)]);
        var result = await WriteAsync(db, taken, [new Lead("a", older, 4)]);
        Assert.Equal(0, result.RowsWritten);
        var row = Assert.Single(await RowsAsync(db));
        Assert.Equal((0.9, 5L), (row.Probability, row.Offset));
        Assert.Null(row.CooledAt);
    }

    // Mutation: comparing offsets across a reset.
    [RequiresServicesFact]
    public async Task After_a_reset_a_lower_offset_is_newer()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await WriteAsync(db, await db.TakeAsync(), [new Lead("a", 0.9, 500)]);
        await new OffsetResets(db.DataSource, SinkDatabase.Group, TimeProvider.System)
            .ApplyAsync([new OffsetReset(SinkDatabase.Topic, 0, 0)], "test", "tester", default);
        await WriteAsync(db, await db.TakeAsync(), [new Lead("a", 0.8, 3)]);
        var row = Assert.Single(await RowsAsync(db));
        Assert.Equal((0.8, 3L, 1L), (row.Probability, row.Offset, row.Incarnation));
    }

    // Mutation: comparing offsets of different partitions.
    [RequiresServicesTheory]
    [InlineData(2000L, true)]
    [InlineData(1000L, true)] // Equal times: the higher partition, whichever comes first.
    [InlineData(999L, false)]
    [InlineData(ScoredEvent.NoTime, false)]
    public async Task A_lead_that_moved_partitions_is_ordered_by_broker_time(long movedAtMicros, bool wins)
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync(2);
        Lead[] events =
        [
            new Lead("a", 0.9, 500) { TimestampMicros = 1000 },
            new Lead("a", 0.8, 3) { Partition = 1, TimestampMicros = movedAtMicros },
        ];
        await WriteAsync(db, taken, [events[0]]);
        await WriteAsync(db, taken, [events[1]]);
        Assert.Equal(wins ? 0.8 : 0.9, Assert.Single(await RowsAsync(db)).Probability);

        await db.ExecuteAsync("delete from hot_leads");
        await WriteAsync(db, taken, [events[1]]);
        await WriteAsync(db, taken, [events[0]]);
        Assert.Equal(wins ? 0.8 : 0.9, Assert.Single(await RowsAsync(db)).Probability);
    }

    [RequiresServicesFact]
    public async Task Writing_the_same_batch_again_changes_nothing()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        var leads = new[] { new Lead("a", 0.9, 0), new Lead("b", 0.8, 1), new Lead("a", 0.1, 2) };
        await WriteAsync(db, taken, leads);
        var before = await RowsAsync(db);
        await WriteAsync(db, taken, leads);
        Assert.Equal(before, await RowsAsync(db));
    }

    // Mutation: comparing epochs without holding the rows: a taking in between would let the zombie's write through.
    [RequiresServicesFact]
    public async Task A_taking_waits_for_a_write_under_way()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await db.ExecuteAsync(
            """
            create function hold() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock(hashtext(current_schema())); return new; end $$;
            create trigger hold before insert on hot_leads for each row execute function hold();
            """);
        await using var gate = await db.DataSource.OpenConnectionAsync();
        await gate.ExecuteAsync("select pg_advisory_lock(hashtext(current_schema()))");
        var write = WriteAsync(db, taken, [new Lead("a", 0.9, 0)]);
        await db.WaitForLockAsync("hot_leads");
        var take = db.TakeAsync();
        await db.WaitForLockAsync("insert into stream_progress");
        Assert.False(take.IsCompleted);
        await gate.ExecuteAsync("select pg_advisory_unlock(hashtext(current_schema()))");
        Assert.True((await write).IsWritten);
        Assert.Equal(2, (await take)[0].OwnerEpoch);
    }

    // Mutation: leads written in the batch's order instead of that of their ids: the two workers would deadlock.
    [RequiresServicesFact]
    [Scenario(54, Means.RealDatabase, "no deadlock of our own making")]
    public async Task Two_workers_that_meet_the_same_leads_in_other_orders_do_not_deadlock()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync(2);
        await Task.WhenAll(WorkAsync(0, seed: 1), WorkAsync(1, seed: 2));

        async Task WorkAsync(int partition, int seed)
        {
            var random = new Random(seed);
            var sink = new HotLeadSink(db.DataSource, SinkDatabase.Group);
            for (int round = 0; round < 40; round++)
            {
                var ids = Enumerable.Range(0, 300).Select(i => $"lead-{i}").ToArray();
                random.Shuffle(ids);
                var leads = ids.Select((id, i) => new Lead(id, random.NextDouble() < 0.5 ? 0.9 : 0.1, (round * 1000) + i)
                {
                    Partition = partition,
                    TimestampMicros = (round * 1000) + i,
                });
                await sink.WriteAsync(Lead.Batch([.. leads]), Epochs([taken[partition]]), default);
            }
        }
    }

    // Mutation: the cold lead's row looked up without a lock. An erased lead would come back.
    [RequiresServicesFact]
    public async Task A_lead_that_is_deleted_meanwhile_does_not_come_back_cold()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        await WriteAsync(db, taken, [new Lead("a", 0.9, 0)]);
        await using var eraser = await db.DataSource.OpenConnectionAsync();
        await using var erasing = await eraser.BeginTransactionAsync();
        await eraser.ExecuteAsync("delete from hot_leads");
        var write = WriteAsync(db, taken, [new Lead("a", 0.1, 1)]);
        await db.WaitForLockAsync("hot_leads");
        await erasing.CommitAsync();
        Assert.Equal(0, (await write).RowsWritten);
        Assert.Empty(await RowsAsync(db));
    }

    [RequiresServicesFact]
    public async Task A_value_that_the_database_refuses_is_bad_data_and_leaves_nothing()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        Lead[] refused = [new Lead("nul\0", 0.9, 0), new Lead("b", 0.9, 0) { Features = """{"city":"\u0000"}""" }];
        foreach (var bad in refused)
        {
            var exception = await Assert.ThrowsAsync<PostgresException>(
                () => WriteAsync(db, taken, [new Lead("good", 0.9, 1), bad]));
            Assert.True(SinkErrors.IsBadData(exception));
            Assert.False(SinkErrors.IsTransient(exception));
        }

        Assert.Empty(await RowsAsync(db));
        Assert.True((await WriteAsync(db, taken, [new Lead("good", 0.9, 1)])).IsWritten);
    }

    [RequiresServicesFact]
    public async Task One_sink_writes_batches_of_all_sizes_one_after_another()
    {
        await using var db = await SinkDatabase.CreateAsync();
        var taken = await db.TakeAsync();
        long offset = 0;
        foreach (int size in new[] { 5000, 1, 0, 700 })
        {
            var leads = Enumerable.Range(0, size).Select(i => new Lead($"lead-{i}", i % 2 == 0 ? 0.9 : 0.3, offset++)).ToArray();
            var result = await WriteAsync(db, taken, leads);
            Assert.Equal((size + 1) / 2, result.RowsWritten);
        }

        Assert.Equal(2500, await db.ScalarAsync<long>("select count(*) from hot_leads"));
    }

    private static Task<HotLeadWriteResult> WriteAsync(
        SinkDatabase db, IReadOnlyList<TakenPartition> taken, Lead[] leads, string model = "m1", long scoredAt = 1) =>
        db.Sink.WriteAsync(Lead.Batch(leads, model, scoredAt * 1_000_000), Epochs(taken), default);

    private static PartitionEpoch[] Epochs(IReadOnlyList<TakenPartition> taken) =>
        [.. taken.Select(partition => new PartitionEpoch(partition.Topic, partition.Partition, partition.OwnerEpoch))];

    private static async Task<IReadOnlyList<HotRow>> RowsAsync(SinkDatabase db)
    {
        await using var connection = await db.DataSource.OpenConnectionAsync();
        return (await connection.QueryAsync<HotRow>(Row + " order by lead_id")).AsList();
    }

    private sealed record HotRow(
        string LeadId, double Probability, int Bucket, string Tier, string? Reasons, string? Features, string ModelId,
        DateTime? EventTime, int Partition, long Offset, DateTime? SourceTimestamp, long Incarnation,
        DateTime FirstHotAt, DateTime LastScoredAt, DateTime? CooledAt);
}
