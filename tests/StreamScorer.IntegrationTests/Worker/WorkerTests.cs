using Npgsql;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.IntegrationTests.Worker;

public class WorkerTests
{
    [RequiresServicesFact]
    public async Task Every_event_is_scored_once_and_the_worker_stops_cleanly()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 3);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        LeadEvents.Publish(scope, LeadEvents.Generated(1000).Select(e => ((string?)e.Key, (string?)e.Value)));
        await using var worker = WorkerProcess.Start(scope, model);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopCleanlyAsync();
        Assert.Equal(1000, CheckpointRows(scope));
        Assert.True(await CountAsync(scope, "SELECT count(*) FROM hot_leads_current") > 100, worker.Log);
    }

    [RequiresServicesFact]
    public async Task A_lead_turns_hot_then_cold_then_hot_again()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var (hot, cold) = (LeadEvents.Hot("lead-a", TestModels.Champion), LeadEvents.Cold("lead-a", TestModels.Champion));
        await using var worker = WorkerProcess.Start(scope, model);
        LeadEvents.Publish(scope, [("lead-a", hot)]);
        await worker.WaitUntilDrainedAsync(scope);
        Assert.Equal(1, await CountAsync(scope, "SELECT count(*) FROM hot_leads_current WHERE lead_id = 'lead-a'"));
        LeadEvents.Publish(scope, [("lead-a", cold)]);
        await worker.WaitUntilDrainedAsync(scope);
        Assert.Equal(0, await CountAsync(scope, "SELECT count(*) FROM hot_leads_current"));
        Assert.Equal(1, await CountAsync(scope, "SELECT count(*) FROM hot_leads WHERE cooled_at IS NOT NULL"));
        LeadEvents.Publish(scope, [("lead-a", cold), ("lead-a", hot)]);
        await worker.WaitUntilDrainedAsync(scope);
        Assert.Equal(1, await CountAsync(scope, "SELECT count(*) FROM hot_leads_current"));
    }

    [RequiresServicesFact]
    public async Task A_lead_that_an_earlier_worker_wrote_is_cooled_by_the_next_one()
    {
        // Red when the filter does not read the rows that are there (LeadFilter.Open), or reads them by a wrong partition.
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var leads = Enumerable.Range(0, 10).Select(i => $"lead-{i}").ToList();
        LeadEvents.Publish(scope, leads.Select(lead => ((string?)lead, (string?)LeadEvents.Hot(lead, TestModels.Champion))));
        await using (var first = WorkerProcess.Start(scope, model))
        {
            await first.WaitUntilDrainedAsync(scope);
            await first.StopCleanlyAsync();
        }

        await using var second = WorkerProcess.Start(scope, model);
        await second.WaitAsync(() => Task.FromResult(second.Log.Contains("Took 2 partitions", StringComparison.Ordinal)), "a take");
        // The rows are read beside the loop: what comes later finds them read.
        await Task.Delay(1000);
        LeadEvents.Publish(scope, leads.Select(lead => ((string?)lead, (string?)LeadEvents.Cold(lead, TestModels.Champion))));
        await second.WaitUntilDrainedAsync(scope);
        Assert.Equal(10, await CountAsync(scope, "SELECT count(*) FROM hot_leads WHERE cooled_at IS NOT NULL"));
        await Oracle.RequireCleanAsync(scope, 20, second.Log);
    }

    private static long CheckpointRows(TestScope scope) =>
        Directory.EnumerateFiles(scope.CheckpointFolder, "*.parquet", SearchOption.AllDirectories).Sum(path =>
        {
            using var file = ParquetFileReader.Open(path);
            return file.RowCount;
        });

    private static async Task<long> CountAsync(TestScope scope, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var command = dataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
