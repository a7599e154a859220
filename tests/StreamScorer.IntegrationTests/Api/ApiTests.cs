using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using StreamScorer.App.LocalServices;
using StreamScorer.IntegrationTests.Operators;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Parquet;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using Xunit;

namespace StreamScorer.IntegrationTests.Api;

/// <summary>The HTTP surface of a real worker, with its database and its stream.</summary>
public partial class ApiTests
{
    // Mutation: a decoder or scorer of the API's own, rounded numbers, another model.
    [RequiresServicesFact]
    public async Task A_score_has_the_same_64_bits_over_http_in_the_stream_and_from_score()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var generator = new LeadGenerator(5);
        var leads = Enumerable.Range(0, 200).Select(generator.Create).ToList();
        LeadEvents.Publish(scope, leads.Select((lead, i) => ((string?)$"l{i}", (string?)LeadEvents.Json(lead, $"l{i}"))));
        await using var api = await ApiWorker.StartAsync(scope, model);
        await api.Worker.WaitUntilDrainedAsync(scope);
        // A file is registered a moment before it is published.
        await api.Worker.WaitAsync(() => Task.FromResult(Stream(scope).Count == 200), "its file");

        var stream = Stream(scope);
        var http = new Dictionary<string, long>();
        var answer = JsonNode.Parse(await api.PostAsync("/api/v1/score", Body(leads)))!;
        foreach (var score in answer["scores"]!.AsArray())
            http[(string)score!["lead_id"]!] = BitConverter.DoubleToInt64Bits((double)score["probability"]!);
        var offline = await ScoreOfflineAsync(scope, model, leads);

        Assert.Equal(200, stream.Count);
        Assert.All(stream, row => Assert.Equal((row.Value, row.Value), (http[row.Key], offline[row.Key])));
    }

    [RequiresServicesFact]
    public async Task A_lead_is_read_by_who_may_with_exact_reasons_and_history_and_the_audit_knows()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var api = await ApiWorker.StartAsync(scope, model);
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Cold("lead-a", TestModels.Champion)), ("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        await api.Worker.WaitUntilDrainedAsync(scope);

        var page = JsonNode.Parse(await api.GetAsync("/api/v1/leads/hot?limit=5"))!;
        var lead = JsonNode.Parse(await api.GetAsync("/api/v1/leads/lead-a"))!;
        var score = JsonNode.Parse(await api.GetAsync("/api/v1/leads/lead-a/score"))!;
        // The second time the files' leads are known already.
        var again = JsonNode.Parse(await api.GetAsync("/api/v1/leads/lead-a/score"))!;
        var csv = await api.GetAsync("/api/v1/leads/hot?format=csv");

        Assert.Equal("lead-a", (string)page["leads"]![0]!["lead_id"]!);
        Assert.True((bool)lead["hot"]!);
        Assert.Equal("tree_shap", (string)score["current"]!["reasons_method"]!);
        Assert.Equal(2, score["history"]!.AsArray().Count);
        Assert.False((bool)score["history"]![1]!["hot"]!);
        Assert.Equal(score["history"]!.ToJsonString(), again["history"]!.ToJsonString());
        Assert.StartsWith("lead_id,", csv, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await api.StatusAsync("/api/v1/leads/nobody"));
        var audit = await RowsAsync(scope, "select action || ' ' || resource || ' ' || actor from api_audit where action like 'leads.%' order by audit_id");
        Assert.Equal(
            ["leads.list leads/hot tester", "leads.read lead-a tester", "leads.score lead-a tester", "leads.score lead-a tester", "leads.list leads/hot tester", "leads.read nobody tester"],
            audit);
        await Assert.ThrowsAsync<PostgresException>(() => RowsAsync(scope, "delete from api_audit returning ''"));
        Assert.DoesNotContain("lead-a", api.Worker.Log, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task Keys_are_made_rotated_with_overlap_and_revoked_by_the_verb()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var api = await ApiWorker.StartAsync(scope, model);
        var first = await KeyAsync(scope, "--name", "crm", "--scope", "models:read");
        Assert.Equal(HttpStatusCode.OK, await api.StatusAsync("/api/v1/models", first.Key));
        var second = await KeyAsync(scope, "--name", "crm", "--scope", "models:read", "--rotate", first.Id, "--overlap-hours", "1");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK),
            (await api.StatusAsync("/api/v1/models", first.Key), await api.StatusAsync("/api/v1/models", second.Key)));
        var revoked = await VerbProcess.RunAsync(scope, "keys", "revoke", second.Id);
        Assert.True(revoked.ExitCode == 0, revoked.Errors);
        await api.Worker.WaitAsync(async () => await api.StatusAsync("/api/v1/models", second.Key) == HttpStatusCode.Unauthorized, "the revocation", 20);
        var list = await VerbProcess.RunAsync(scope, "keys", "list", "--json");
        Assert.Contains("\"replacedBy\":\"" + second.Id, list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Key.Split('.')[1], list.Output + list.Errors + api.Worker.Log, StringComparison.Ordinal);
        Assert.Equal(1, (await VerbProcess.RunAsync(scope, "keys", "revoke", "nobody")).ExitCode);
        Assert.Equal(2, (await VerbProcess.RunAsync(scope, "keys", "revoke", second.Key)).ExitCode);
    }

    [RequiresServicesFact]
    public async Task Prometheus_takes_the_metrics_and_answers_a_query()
    {
        if (!Programs.Has("prometheus") || !Programs.Has("promtool"))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            return;
        }

        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        LeadEvents.Publish(scope, LeadEvents.Generated(300).Select(e => ((string?)e.Key, (string?)e.Value)));
        await using var api = await ApiWorker.StartAsync(scope, model);
        await api.Worker.WaitUntilDrainedAsync(scope);
        await api.PostAsync("/api/v1/score", Body([new LeadGenerator(5).Create(0)]));
        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri(api.Management, "/metrics"));

        Assert.Equal("", await Programs.CheckMetricsAsync(metrics));
        Assert.Contains("streamscorer_events_scored_total 300", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("lead-1", metrics, StringComparison.Ordinal);
        using var prometheus = await PrometheusServer.StartAsync(api.Management, scope.Folder);
        Assert.Equal("300", await prometheus.QueryAsync("streamscorer_events_scored_total"));
        Assert.Equal("1", await prometheus.QueryAsync("sum(streamscorer_api_leads_scored_total)"));
    }

    private static Dictionary<string, long> Stream(TestScope scope)
    {
        var bits = new Dictionary<string, long>();
        foreach (var path in Directory.EnumerateFiles(scope.CheckpointFolder, "*.parquet", SearchOption.AllDirectories))
        {
            using var file = ParquetFileReader.Open(path);
            var (ids, probabilities) = (new ColumnValues(), new ColumnValues());
            for (var group = 0; group < file.RowGroupCount; group++)
            {
                file.ReadColumn(group, file.ColumnIndex("lead_id"), ids);
                file.ReadColumn(group, file.ColumnIndex("probability"), probabilities);
                for (var row = 0; row < ids.Count; row++)
                    bits[ids.GetString(row)!] = BitConverter.DoubleToInt64Bits(probabilities.GetDouble(row));
            }
        }

        return bits;
    }

    private static string Body(IEnumerable<SyntheticLead> leads) =>
        $$"""{"leads":[{{string.Join(',', leads.Select((lead, i) => ApiLead(lead, $"l{i}")))}}]}""";

    private static string ApiLead(SyntheticLead lead, string id)
    {
        var members = JsonNode.Parse(LeadEvents.Json(lead, id))!.AsObject();
        var renamed = new JsonObject { ["lead_id"] = id };
        foreach (var feature in LeadScoringSchema.Features)
            renamed[feature.ApiName] = members[feature.StreamName]?.DeepClone();
        return renamed.ToJsonString();
    }

    private static async Task<Dictionary<string, long>> ScoreOfflineAsync(TestScope scope, string model, List<SyntheticLead> leads)
    {
        var data = Path.Combine(scope.Folder, "leads.csv");
        var text = new StringBuilder(string.Join(',', LeadScoringSchema.Features.Select(feature => feature.ColumnName).Prepend(LeadScoringColumns.LeadId))).Append('\n');
        for (var i = 0; i < leads.Count; i++)
            text.Append($"l{i},").AppendJoin(',', LeadScoringSchema.Features.Select(feature => $"\"{leads[i].Cell(feature.ColumnName)}\"")).Append('\n');
        await File.WriteAllTextAsync(data, text.ToString());
        var output = Path.Combine(scope.Folder, "scores.parquet");
        var run = await VerbProcess.RunAsync(scope, "score", "--model", model, "--data", data, "--out", output);
        Assert.True(run.ExitCode == 0, run.Errors);
        using var file = ParquetFileReader.Open(output);
        var (ids, probabilities) = (new ColumnValues(), new ColumnValues());
        file.ReadColumn(0, 0, ids);
        file.ReadColumn(0, file.ColumnIndex("probability"), probabilities);
        // A model file without its training report knows no id column: rows are numbered from 1.
        return Enumerable.Range(0, ids.Count).ToDictionary(
            row => "l" + (int.Parse(ids.GetString(row)!, CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture), row => BitConverter.DoubleToInt64Bits(probabilities.GetDouble(row)));
    }

    private static async Task<(string Id, string Key)> KeyAsync(TestScope scope, params string[] arguments)
    {
        var run = await VerbProcess.RunAsync(scope, ["keys", "create", "--json", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Errors);
        var made = JsonNode.Parse(run.LastLine)!;
        return ((string)made["id"]!, (string)made["key"]!);
    }

    private static async Task<List<string>> RowsAsync(TestScope scope, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
