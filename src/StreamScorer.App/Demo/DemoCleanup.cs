using Npgsql;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Demo;

/// <summary>Removes old finished runs with their topics, schema and files, so that demos do not pile up.</summary>
internal static class DemoCleanup
{
    /// <summary>Removes all finished runs but the newest two. What is in use by another demo stays.</summary>
    public static async Task RemoveOutdatedAsync(string runsFolder, DemoServices services)
    {
        foreach (var run in DemoRun.TakeOutdated(runsFolder))
        {
            using (run)
            {
                if (run.State.Brokers == services.Kafka.BootstrapServers)
                    await RemoveFromServicesAsync(run, services).ConfigureAwait(false);
                Directory.Delete(run.Folder, recursive: true);
            }
        }
    }

    private static async Task RemoveFromServicesAsync(DemoRun run, DemoServices services)
    {
        string[] topics = [run.Topic, run.Topic + ".dead-letters", run.OutcomeTopic];
        await KafkaTopics.DeleteAsync(services.Kafka, [.. topics.Where(topic => KafkaTopics.Exists(services.Kafka, topic))]).ConfigureAwait(false);
        await using var dataSource = NpgsqlDataSource.Create(services.ConnectionString);
        await using var drop = dataSource.CreateCommand($"DROP SCHEMA IF EXISTS {run.DatabaseSchema} CASCADE");
        await drop.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
