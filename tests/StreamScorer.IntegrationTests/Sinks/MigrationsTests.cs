using Npgsql;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>Migrations against a real PostgreSQL.</summary>
public sealed class MigrationsTests
{
    [RequiresServicesFact]
    public async Task A_missing_schema_is_made_and_nothing_is_done_twice()
    {
        await using var db = await SinkDatabase.CreateEmptyAsync();
        var applied = await Migrations.ApplyAsync(db.DataSource);
        Assert.Equal(Migrations.LatestVersion, applied.Count);
        Assert.Empty(await Migrations.ApplyAsync(db.DataSource));
        Assert.Equal(Migrations.LatestVersion, await db.ScalarAsync<int>("select max(version) from schema_migrations"));
        Assert.True(await db.ScalarAsync<bool>($"select to_regclass('{db.Schema}.hot_leads') is not null"));
    }

    // Mutation: no advisory lock. All would find nothing applied and create the same tables.
    [RequiresServicesFact]
    public async Task Workers_that_start_together_migrate_once()
    {
        await using var db = await SinkDatabase.CreateEmptyAsync();
        var workers = Enumerable.Range(0, 6).Select(_ => Task.Run(() => Migrations.ApplyAsync(db.DataSource)));
        var applied = await Task.WhenAll(workers);
        Assert.Equal(Migrations.LatestVersion, applied.Sum(names => names.Count));
    }

    // Mutation: tables in whatever schema of the search path exists.
    [RequiresServicesFact]
    public async Task The_first_schema_of_the_search_path_is_meant_although_a_later_one_exists()
    {
        await using var db = await SinkDatabase.CreateEmptyAsync();
        var settings = new NpgsqlConnectionStringBuilder(db.ConnectionString) { SearchPath = $"{db.Schema}, public" };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        await Migrations.ApplyAsync(dataSource);
        Assert.True(await db.ScalarAsync<bool>($"select to_regclass('{db.Schema}.stream_progress') is not null"));
    }

    // A program runs on its own version and the next: the database is migrated before the last old worker is gone.
    [RequiresServicesFact]
    public async Task One_version_ahead_is_accepted_and_two_are_refused()
    {
        await using var db = await SinkDatabase.CreateAsync();
        await db.ExecuteAsync($"insert into schema_migrations values ({Migrations.LatestVersion + 1}, 'future', now())");
        Assert.Empty(await Migrations.ApplyAsync(db.DataSource));
        await db.ExecuteAsync($"insert into schema_migrations values ({Migrations.LatestVersion + 2}, 'far_future', now())");
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrations.ApplyAsync(db.DataSource));
        Assert.Contains(db.Schema, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("newer StreamScorer", refusal.Message, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_role_that_may_not_create_can_run_on_a_migrated_schema()
    {
        await using var db = await SinkDatabase.CreateAsync();
        string role = db.Schema + "_worker";
        await db.ExecuteAsync(
            $"""
            create role {role};
            grant {role} to current_user;
            grant usage on schema {db.Schema} to {role};
            grant select, insert, update on all tables in schema {db.Schema} to {role};
            """);
        var settings = new NpgsqlConnectionStringBuilder(db.ConnectionString) { Options = $"-c role={role}" };
        await using (var dataSource = NpgsqlDataSource.Create(settings.ConnectionString))
        {
            Assert.Empty(await Migrations.ApplyAsync(dataSource));
            var ledger = new ProgressLedger(dataSource, SinkDatabase.Group, db.StorageId, TimeProvider.System);
            Assert.Single(await ledger.TakeAsync([new TakeRequest(SinkDatabase.Topic, 0, 0)], "a", default));
        }

        await db.ExecuteAsync($"drop owned by {role}; drop role {role}");
    }
}
