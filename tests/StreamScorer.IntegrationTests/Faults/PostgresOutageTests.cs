using Npgsql;
using StreamScorer.App.LocalServices;
using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>PostgreSQL is away, silent, full of clients, or breaks a deadlock; scenarios 26, 37, 53, 54 and 59 of the reliability table.</summary>
public class PostgresOutageTests
{
    [RequiresServicesTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(26, Means.RealServices, "partitions pause and resume without a duplicate; the group keeps the worker past its session timeout")]
    [Scenario(20, Means.RealServices, "writing that hangs for longer than max.poll.interval.ms costs no partition: polling does not wait for sinks")]
    [Scenario(37, Means.RealServices, "a silent or refused connection to PostgreSQL: readiness names it, one line at start and end")]
    [Scenario(59, Means.RealServices, "one sink away: nothing is registered or committed until both are done")]
    public async Task An_outage_is_told_once_named_by_readiness_and_waited_out(bool silent)
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var proxy = ProxiedPostgres.Start(scope.ConnectionString);
        var published = Publish(scope, 1);
        await using var worker = await HostedWorker.StartAsync(
            scope, model, ("ConnectionStrings:HotLeads", ProxiedPostgres.Through(proxy, scope.ConnectionString)),
            ("Kafka:Properties:max_poll_interval_ms", "6000"));
        await worker.WaitUntilDrainedAsync(scope);
        Assert.True(worker.Readiness.IsReady);

        if (silent)
            proxy.Hold();
        else
            proxy.Refuse();
        published += Publish(scope, 2);
        await worker.WaitForAsync(Readiness.PostgreSql, isUp: false);
        Assert.False(worker.Readiness.IsReady);
        Assert.True(worker.Readiness.Statuses[Readiness.Kafka].IsUp);
        Assert.True(worker.Readiness.Statuses[Readiness.CheckpointFolder].IsUp);
        // Longer than the session timeout and the longest time between two polls: the group keeps a worker that goes on polling.
        published += Publish(scope, 3);
        await Task.Delay(TimeSpan.FromSeconds(8));
        proxy.Release();
        proxy.Accept();

        await worker.WaitUntilDrainedAsync(scope);
        await worker.WaitForAsync(Readiness.PostgreSql, isUp: true);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, published, worker.Log);
        OutageLines.RequireTold(worker.Log, Readiness.PostgreSql, 1);
        OutageLines.RequireTold(worker.Log, Readiness.Kafka, 0);
        Assert.DoesNotContain("Lost ", worker.Log, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    public Task Ten_seconds_without_PostgreSQL_under_load() => StopPostgresAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), eventsPerSecond: 1000);

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Scenario(53, Means.RealServices, "two minutes at 5,000 events/s: memory grows by less than 20 %, nothing lost, caught up afterwards")]
    public Task Two_minutes_without_PostgreSQL_at_5000_events_a_second() =>
        StopPostgresAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(40), eventsPerSecond: 5000);

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(54, Means.RealServices, "SQLSTATE 40P01 is retried")]
    public async Task A_deadlock_is_retried()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = await HostedWorker.StartAsync(scope, model);
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        await worker.WaitUntilDrainedAsync(scope);

        // This session holds the lead's row and then wants the progress row; the worker locks them the other way round.
        await using var connection = new NpgsqlConnection(scope.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // The worker's session shall be the one that finds the deadlock, and so its victim.
        await ExecuteAsync(connection, "set local deadlock_timeout = '1min'; select from hot_leads where lead_id = 'lead-a' for update");
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        await WaitForLockAsync(scope);
        await ExecuteAsync(connection, "select from stream_progress for update");
        await worker.WaitForAsync(Readiness.PostgreSql, isUp: false);
        Assert.Contains("40P01", worker.Readiness.Statuses[Readiness.PostgreSql].Reason, StringComparison.Ordinal);
        await transaction.RollbackAsync();

        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopAsync();
        await Oracle.RequireCleanAsync(scope, 2, worker.Log);
        OutageLines.RequireTold(worker.Log, Readiness.PostgreSql, 1);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(54, Means.RealServices, "SQLSTATE 53300 is waited out and named by readiness")]
    public async Task Too_many_connections_are_waited_out()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var folder = Path.Combine(scope.Folder, "postgres");
        using var guard = ExitGuard.ForFolder(folder);
        var postgres = await LocalPostgres.StartAsync(folder, settings: new Dictionary<string, string> { ["max_connections"] = "8" });
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        var hogs = await TakeAllConnectionsAsync(postgres.ConnectionString);
        await using var worker = await HostedWorker.StartAsync(scope, model, ("ConnectionStrings:HotLeads", postgres.ConnectionString));
        await worker.WaitForAsync(Readiness.PostgreSql, isUp: false);
        await worker.WaitAsync(
            () => Task.FromResult(worker.Readiness.Statuses[Readiness.PostgreSql].Reason.Contains("53300", StringComparison.Ordinal)),
            "the reason in words");
        foreach (var hog in hogs)
            await hog.DisposeAsync();

        await worker.WaitForAsync(Readiness.PostgreSql, isUp: true);
        await using var dataSource = NpgsqlDataSource.Create(postgres.ConnectionString);
        await worker.WaitAsync(() => IsHotAsync(dataSource), "the lead in hot_leads");
        await worker.StopAsync();
        OutageLines.RequireTold(worker.Log, Readiness.PostgreSql, 1);
    }

    private static async Task StopPostgresAsync(TimeSpan outage, TimeSpan warmUp, int eventsPerSecond)
    {
        await using var own = await OwnServices.StartAsync();
        await using var scope = await TestScope.CreateAsync(own, partitions: 6);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = WorkerProcess.Start(scope, model, ("Checkpoint__MaxAge", "00:00:02"));
        await using var load = SteadyLoad.Start(scope.Kafka, scope.Topic, eventsPerSecond, new EventMix(seed: 53));
        await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > 0, "a first checkpoint");
        var before = await worker.HighestResidentBytesAsync(warmUp);

        await own.Postgres.StopAsync();
        var during = await worker.HighestResidentBytesAsync(outage);
        await own.Postgres.RestartAsync();
        await load.StopAsync();
        await worker.WaitUntilDrainedAsync(scope, 180);
        await worker.StopCleanlyAsync();

        await Oracle.RequireCleanAsync(scope, WorkerProcess.EndOffsets(scope), worker.Log);
        Assert.Equal(load.Sent, load.Confirmed);
        Assert.True(
            during < 1.2 * before, $"Resident memory grew from {before >> 20} to {during >> 20} MiB during the outage.\n{worker.Log}");
        var still = OutageLines.RequireTold(worker.Log, Readiness.PostgreSql, 1);
        Assert.Equal((int)(outage.TotalSeconds / 30.5), still);
    }

    private static int Publish(TestScope scope, int seed) =>
        LeadEvents.Publish(scope, LeadEvents.Generated(400, seed).Select(e => ((string?)e.Key, (string?)e.Value)));

    private static async Task<List<NpgsqlConnection>> TakeAllConnectionsAsync(string connectionString)
    {
        var held = new List<NpgsqlConnection>();
        while (true)
        {
            var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
            try
            {
                await connection.OpenAsync();
                held.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                return held;
            }
        }
    }

    private static async Task WaitForLockAsync(TestScope scope)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            await using var command = dataSource.CreateCommand(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%hot_leads%' and pid <> pg_backend_pid()");
            if ((long)(await command.ExecuteScalarAsync(patience.Token))! > 0)
                return;
        }
    }

    private static async Task<bool> IsHotAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand("select count(*) from hot_leads_current where lead_id = 'lead-a'");
        try
        {
            return (long)(await command.ExecuteScalarAsync())! == 1;
        }
        catch (PostgresException absent) when (absent.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return false;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
