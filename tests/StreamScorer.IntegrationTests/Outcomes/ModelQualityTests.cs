using System.Text.Json;
using Npgsql;
using StreamScorer.App.LocalServices;
using StreamScorer.Forests;
using StreamScorer.IntegrationTests.Operators;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.IntegrationTests.Outcomes;

/// <summary>Outcomes through the real topic, worker and archive against the same rows measured offline.</summary>
public class ModelQualityTests
{
    [RequiresServicesFact]
    public async Task Live_quality_equals_offline_quality_on_the_same_rows()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        var outcomes = scope.Topic + ".outcomes";
        await KafkaTopics.CreateAsync(scope.Kafka, [new TopicSpec(outcomes, 1)]);
        SyntheticDataset.WriteFolder(scope.Folder, new GenerationOptions { Leads = 4000, Partitions = 4, Seed = 77 });
        var dataset = PreparedDataset.Open(Path.Combine(scope.Folder, PreparedLayout.StreamingFolder));
        // Of more trees than other tests': the estimate trusts the calibration, which is fitted on what each tree has not seen.
        var model = SyntheticForest.Train(seed: 1, leads: 4000, trees: 40);
        await using var worker = WorkerProcess.Start(
            scope, TestModels.Save(model, Path.Combine(scope.Folder, "model")),
            ("Outcomes__Topic", outcomes), ("Outcomes__Interval", "00:00:00.300"), ("Outcomes__SettleDelay", "00:00:00"));
        var kafka = new KafkaOptions { BootstrapServers = scope.Kafka.BootstrapServers, Properties = scope.Kafka.ClientProperties.ToDictionary() };

        var summary = await new DatasetReplayer(kafka).RunAsync(dataset, new ReplayOptions(scope.Topic) { OutcomeTopic = outcomes });
        await worker.WaitUntilDrainedAsync(scope);
        await worker.WaitAsync(async () => await JoinedAsync(scope) == summary.Outcomes, $"join {summary.Outcomes} outcomes");

        var offline = Offline(dataset, model);
        var run = await VerbProcess.RunAsync(scope, "quality", "--json");
        Assert.True(run.ExitCode == 0, run.Errors);
        using var json = JsonDocument.Parse(run.LastLine);
        var live = json.RootElement.GetProperty("models").EnumerateArray().Single();
        Assert.Equal(summary.Outcomes, live.GetProperty("rows").GetInt32());
        Assert.Equal(model.Id, live.GetProperty("id").GetString());
        Assert.Equal(offline.AucRoc, live.GetProperty("aucRoc").GetDouble(), 1e-6);
        Assert.Equal(offline.LogLoss, live.GetProperty("logLoss").GetDouble(), 1e-6);
        Assert.Equal(offline.HotPrecision, live.GetProperty("hotPrecision").GetDouble(), 1e-6);
        Assert.Equal(offline.AucRoc, live.GetProperty("expected").GetProperty("aucRoc").GetDouble(), 0.02);
        Assert.Equal(offline.Positives, live.GetProperty("buckets").EnumerateArray().Sum(bucket => bucket.GetProperty("converted").GetInt32()));

        var text = await VerbProcess.RunAsync(scope, "quality");
        Assert.Contains("Conversion by tier", text.Output, StringComparison.Ordinal);
        await worker.StopCleanlyAsync();
    }

    [RequiresServicesFact]
    public async Task The_score_before_the_outcome_counts_and_not_the_one_after_it()
    {
        await using var scope = await TestScope.CreateAsync();
        var outcomes = scope.Topic + ".outcomes";
        await KafkaTopics.CreateAsync(scope.Kafka, [new TopicSpec(outcomes, 1)]);
        var model = TestModels.Champion;
        await using var worker = WorkerProcess.Start(
            scope, TestModels.Save(model, Path.Combine(scope.Folder, "model")),
            ("Outcomes__Topic", outcomes), ("Outcomes__Interval", "00:00:00.300"), ("Outcomes__SettleDelay", "00:00:01"));
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", model)), ("lead-b", LeadEvents.Cold("lead-b", model))]);
        await worker.WaitUntilDrainedAsync(scope);
        var between = TimeProvider.System.GetUtcNow();
        await Task.Delay(50);
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Cold("lead-a", model))]);
        await worker.WaitUntilDrainedAsync(scope);
        OutcomeEvents.Publish(
            scope, outcomes,
            ("lead-a", $$"""{"leadId":"lead-a","converted":true,"occurredAt":"{{between:O}}"}"""),
            ("lead-b", """{"converted":false}"""), ("lead-c", """{"converted":true}"""), ("lead-d", "no outcome"));

        await worker.WaitAsync(async () => await JoinedAsync(scope) == 2, "join two outcomes");
        Assert.Equal([("lead-a", true, 0L), ("lead-b", false, 1L)], await ScoresAsync(scope));
        Assert.Equal(1, await CountAsync(scope, "select count(*) from rejected_outcomes"));
        Assert.Equal(1, await CountAsync(scope, "select count(*) from lead_outcomes where search_ended_at is null"));
        await worker.StopCleanlyAsync();
        Assert.DoesNotContain("Outcome consumer:", worker.Log, StringComparison.Ordinal);
    }

    private static BinaryMetrics Offline(PreparedDataset dataset, ForestModel model)
    {
        var leads = dataset.Files.SelectMany(file => file.ReadLeads()).ToList();
        var features = LeadScoringSchema.Features;
        string? Cell(PreparedLead lead, int i) => features[i].Kind != FeatureKind.Numeric ? lead.Text(i)
            : double.IsNaN(lead.Number(i)) ? null : lead.Number(i).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        var table = new RawTable(
            [.. features.Select(feature => feature.ColumnName)],
            [.. Enumerable.Range(0, features.Count).Select(i => leads.Select(lead => Cell(lead, i)).ToArray())]);
        var probability = new double[leads.Count];
        model.CreateScorer().Score(model.Schema.Encode(table), new double[leads.Count], probability);
        return BinaryMetrics.Compute(probability, leads.Select(lead => lead.Converted).ToArray());
    }

    private static Task<long> JoinedAsync(TestScope scope) => CountAsync(scope, "select count(*) from lead_outcomes where probability is not null");

    private static async Task<long> CountAsync(TestScope scope, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var command = dataSource.CreateCommand(sql);
        try
        {
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return 0;
        }
    }

    private static async Task<List<(string Lead, bool Hot, long Offset)>> ScoresAsync(TestScope scope)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var command = dataSource.CreateCommand(
            "select lead_id, probability > 0.7, source_offset from lead_outcomes where probability is not null order by lead_id");
        await using var reader = await command.ExecuteReaderAsync();
        var scores = new List<(string, bool, long)>();
        while (await reader.ReadAsync())
            scores.Add((reader.GetString(0), reader.GetBoolean(1), reader.GetInt64(2)));
        return scores;
    }
}
