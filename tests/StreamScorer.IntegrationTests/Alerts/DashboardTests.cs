using System.Text.Json.Nodes;
using Npgsql;
using StreamScorer.App;
using StreamScorer.App.LocalServices;
using StreamScorer.IntegrationTests.Api;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>Every question that the Grafana dashboard asks, asked of a real Prometheus that scraped a worker and evaluated the rules.</summary>
public sealed class DashboardTests
{
    // A worker that does well has no such series.
    private static readonly string[] Silent = ["streamscorer_dependency_failures_total", "streamscorer_model_swaps_total", "streamscorer_model_reload_failures_total"];

    [RequiresServicesFact]
    public async Task Every_panel_of_the_dashboard_has_an_answer()
    {
        if (!Programs.Has("prometheus"))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            return;
        }

        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var outcomes = scope.Topic + ".outcomes";
        await KafkaTopics.CreateAsync(scope.Kafka, [new TopicSpec(outcomes, 1)]);
        await using var worker = await ApiWorker.StartAsync(
            scope, TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model")),
            ("Outcomes__Topic", outcomes), ("Outcomes__Interval", "00:00:00.300"), ("Outcomes__SettleDelay", "00:00:00"));
        using var prometheus = await PrometheusServer.StartAsync(worker.Management, scope.Folder, QuickRules(scope.Folder));
        // What rises must have been seen low.
        await prometheus.QueryAsync("streamscorer_feature_rows_total");
        await FeedAsync(scope, outcomes);
        await worker.GetAsync("/api/v1/stream");
        await worker.Worker.WaitUntilDrainedAsync(scope);
        await worker.Worker.WaitAsync(async () => await JoinedAsync(scope) >= 300, "join outcomes");

        var empty = Expressions().Where(asked => !Silent.Any(asked.Expression.Contains)).ToList();
        for (var attempt = 0; attempt < 150 && empty.Count > 0; attempt++)
        {
            await Task.Delay(200);
            foreach (var asked in empty.ToList())
                if (await prometheus.CountAsync(asked.Expression) > 0)
                    empty.Remove(asked);
        }

        Assert.True(empty.Count == 0, string.Join('\n', empty.Select(asked => $"{asked.Panel}: {asked.Expression} finds nothing")));
        foreach (var asked in Expressions())
            await prometheus.CountAsync(asked.Expression);
    }

    private static async Task FeedAsync(TestScope scope, string outcomes)
    {
        SyntheticDataset.WriteFolder(scope.Folder, new GenerationOptions { Leads = 4000, Partitions = 4, Seed = 77 });
        var dataset = PreparedDataset.Open(Path.Combine(scope.Folder, PreparedLayout.StreamingFolder));
        var kafka = new KafkaOptions { BootstrapServers = scope.Kafka.BootstrapServers, Properties = scope.Kafka.ClientProperties.ToDictionary() };
        await new DatasetReplayer(kafka).RunAsync(dataset, new ReplayOptions(scope.Topic) { OutcomeTopic = outcomes });
        LeadEvents.Publish(scope, [("half", """{"leadId":"half"}"""), ("none", "no event")]);
    }

    private static List<(string Panel, string Expression)> Expressions()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Monitoring("grafana", "dashboards", "streamscorer.json")))!;
        var found = dashboard["panels"]!.AsArray().SelectMany(panel => (panel!["targets"]?.AsArray() ?? [])
            .Select(target => ((string)panel["title"]!, (string)target!["expr"]!))).ToList();
        Assert.True(found.Count > 30);
        return found;
    }

    private static string QuickRules(string folder)
    {
        var rules = Path.Combine(folder, "rules.yml");
        File.WriteAllText(rules, File.ReadAllText(Monitoring("streamscorer.rules.yml")).Replace("interval: 1m", "interval: 1s", StringComparison.Ordinal));
        return rules;
    }

    private static string Monitoring(params string[] parts) => Path.Combine([InstallationFolder.Path, "src", "monitoring", .. parts]);

    private static async Task<long> JoinedAsync(TestScope scope)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var command = dataSource.CreateCommand("select count(*) from lead_outcomes where probability is not null");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
