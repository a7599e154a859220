using Dapper;
using Npgsql;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>A worker that fails in a way nobody foresaw, and a producer that repeats itself; scenarios 12 and 49 of the reliability table.</summary>
public class WorkerTroubleTests
{
    private const int Events = 300;

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(12, Means.RealServices, "the process ends at once with an exit code and the reason instead of running without consuming; the next one goes on")]
    public async Task An_error_that_no_rule_knows_ends_the_process_and_the_next_goes_on()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        Publish(scope);
        await using (var worker = WorkerProcess.Start(scope, model))
        {
            await worker.WaitUntilDrainedAsync(scope);
            // Neither transient nor the fault of a record: waiting and splitting would both be wrong.
            await ExecuteAsync(scope, "alter table hot_leads rename to hot_leads_away");
            Publish(scope);
            await worker.WaitForEndAsync(30);
            Assert.NotEqual(0, worker.ExitCode);
            Assert.Contains("hot_leads", worker.Log, StringComparison.Ordinal);
            Assert.Equal(Events, await WorkerProcess.ProgressAsync(scope));
        }

        await ExecuteAsync(scope, "alter table hot_leads_away rename to hot_leads");
        await using var next = WorkerProcess.Start(scope, model);
        await next.WaitUntilDrainedAsync(scope);
        await next.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, 2 * Events, next.Log);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(49, Means.RealServices, "each copy is an event of its own in the files; the table keeps one row per lead with the same decision, by the later copy (copies are not counted)")]
    public async Task Events_that_the_producer_repeats_change_no_decision()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        Publish(scope);
        await using var worker = WorkerProcess.Start(scope, model);
        await worker.WaitUntilDrainedAsync(scope);
        var once = await DecisionsAsync(scope);
        // Repeated at once, and once more behind everything else.
        LeadEvents.Publish(scope, All().SelectMany(e => new[] { e, e }));
        Publish(scope);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopCleanlyAsync();

        var after = await DecisionsAsync(scope);
        Assert.NotEmpty(once);
        Assert.Equal(once.Select(row => (row.LeadId, row.Probability, row.Hot)), after.Select(row => (row.LeadId, row.Probability, row.Hot)));
        Assert.All(once.Zip(after), pair => Assert.True(pair.Second.Offset > pair.First.Offset));
        await Oracle.RequireCleanAsync(scope, 4 * Events, worker.Log);
    }

    private static IEnumerable<(string?, string?)> All() => LeadEvents.Generated(Events).Select(e => ((string?)e.Key, (string?)e.Value));

    private static void Publish(TestScope scope) => LeadEvents.Publish(scope, All());

    private static async Task<List<(string LeadId, double Probability, bool Hot, long Offset)>> DecisionsAsync(TestScope scope)
    {
        await using var connection = new NpgsqlConnection(scope.ConnectionString);
        return [.. await connection.QueryAsync<(string, double, bool, long)>(
            "select lead_id, probability, cooled_at is null, source_offset from hot_leads order by lead_id")];
    }

    private static async Task ExecuteAsync(TestScope scope, string sql)
    {
        await using var connection = new NpgsqlConnection(scope.ConnectionString);
        await connection.ExecuteAsync(sql);
    }
}
