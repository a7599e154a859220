using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using StreamScorer.App;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.LocalServices;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Tests.App.Api;
using StreamScorer.Training.LeadScoring;
using Xunit;

namespace StreamScorer.IntegrationTests.Api;

/// <summary>What is promised about the HTTP surface, kept by a real worker with its database and its stream.</summary>
public class ApiContractTests
{
    // Mutation: an answer that has a field more or less than its description, or an operation that fails with everything there.
    [RequiresServicesFact]
    public async Task Every_operation_succeeds_as_the_checked_in_document_says()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var api = await ApiWorker.StartAsync(scope, model);
        LeadEvents.Publish(scope, [("lead-1", LeadEvents.Hot("lead-1", TestModels.Champion)), ("lead-2", LeadEvents.Cold("lead-2", TestModels.Champion))]);
        await api.Worker.WaitUntilDrainedAsync(scope);
        var admin = await AdminKeyAsync(scope);
        var document = JsonNode.Parse(await api.GetAsync("/openapi/v1.json"))!;
        var checkedIn = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(InstallationFolder.Path, "src", "docs", "openapi.json")));
        Assert.True(JsonNode.DeepEquals(checkedIn, document), "src/docs/openapi.json is not what the worker says of itself");

        var faults = new List<string>();
        foreach (var (path, methods) in document["paths"]!.AsObject())
            foreach (var (method, operation) in methods!.AsObject())
                if ((string)operation!["operationId"]! != "live")
                    faults.AddRange(await FaultsAsync(api, new JsonShape(document), path, method, operation, admin));
        Assert.Empty(faults);
        Assert.Empty(await LiveFaultsAsync(api, document));
    }

    // Mutation: files of secrets are not read, or a secret is written somewhere.
    [RequiresServicesFact]
    public async Task A_secret_in_a_file_is_a_setting()
    {
        await using var scope = await TestScope.CreateAsync();
        await AdminKeyAsync(scope);
        var secrets = Directory.CreateDirectory(Path.Combine(scope.Folder, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "ConnectionStrings__HotLeads"), scope.ConnectionString + ";Password=never-to-be-seen");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll"), "keys", "list", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scope.Folder,
        };
        foreach (var (name, value) in scope.ToEnvironment())
            start.Environment[name] = value;
        start.Environment.Remove("ConnectionStrings__HotLeads");
        start.Environment["STREAMSCORER_SECRETS"] = secrets;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        Assert.Contains("\"contract\"", await output, StringComparison.Ordinal);
        Assert.DoesNotContain("never-to-be-seen", await output + await errors, StringComparison.Ordinal);
    }

    // Mutation: a request without a time limit of its own, which waits for a lock as long as its client does.
    [RequiresServicesFact]
    public async Task A_request_that_waits_too_long_for_the_database_is_answered_in_time()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var api = await ApiWorker.StartAsync(scope, model, ("Api__RequestTimeout", "00:00:01"));
        await api.GetAsync("/api/v1/leads/hot");
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table hot_leads in access exclusive mode", connection, transaction))
            await command.ExecuteNonQueryAsync();

        using var answer = await api.SendAsync(HttpMethod.Get, "/api/v1/leads/hot", null, await AdminKeyAsync(scope));

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "urn:streamscorer:problem:not-ready"), (answer.StatusCode, (string)problem["type"]!));
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.DoesNotContain("failed inside the service", api.Worker.Log, StringComparison.Ordinal);
    }

    // Mutation: the second worker joins the group before it finds its ports taken, and the first loses its partitions to it.
    [RequiresServicesFact]
    public async Task A_second_worker_on_the_same_ports_says_what_to_do_and_leaves_the_first_alone()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var (url, management) = (Loopback(), Loopback());
        (string, string)[] ports = [("Api__Enabled", "true"), ("Api__Urls", url), ("Api__ManagementUrls", management)];
        await using var first = WorkerProcess.Start(scope, model, ports);
        await first.WaitAsync(() => Task.FromResult(first.Log.Contains("Took 1 partitions", StringComparison.Ordinal)), "its partition");

        await using var second = WorkerProcess.Start(scope, model, ports);
        await second.WaitForEndAsync(60);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"Api:Urls={url} and Api:ManagementUrls={management} are in use", second.Log, StringComparison.Ordinal);
        Assert.Contains("--Api:Urls=http://127.0.0.1:0 --Api:ManagementUrls=http://127.0.0.1:0", second.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("StreamScorer starts", second.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Gave back", first.Log, StringComparison.Ordinal);
        Assert.False(first.HasExited);
    }

    private static async Task<IEnumerable<string>> FaultsAsync(
        ApiWorker api, JsonShape shape, string path, string method, JsonNode operation, string key)
    {
        var url = path.Replace("{name}", "lead-scoring", StringComparison.Ordinal).Replace("{id}", "lead-1", StringComparison.Ordinal);
        var lead = $$"""{"lead_id":"lead-3",{{string.Join(',', LeadScoringSchema.Features.Select(feature => $"\"{feature.ApiName}\":null"))}}}""";
        string? body = (string)operation["operationId"]! switch
        {
            "score" or "scoring_score" => $$$"""{"leads":[{{{lead}}}],"options":{"reasons":true}}""",
            "score_lead" => lead,
            "record_outcomes" => """{"lead_id":"lead-1","converted":true}""",
            "open_session" => $$"""{"key":"{{key}}"}""",
            _ => null,
        };
        using var answer = await api.SendAsync(new HttpMethod(method.ToUpperInvariant()), url, body, key);
        var text = await answer.Content.ReadAsStringAsync();
        var name = $"{method} {path} {(int)answer.StatusCode}";
        if (!answer.IsSuccessStatusCode || operation["responses"]![((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture)] is not { } described)
            return [$"{name}: {text}"];
        if (answer.StatusCode == HttpStatusCode.NoContent)
            return [];
        var schema = described["content"]![answer.Content.Headers.ContentType!.MediaType!]!["schema"]!;
        return shape.Faults(JsonNode.Parse(text), schema).Select(fault => $"{name}: {fault}");
    }

    // The stream's events carry what /api/v1/stream answers.
    private static async Task<IEnumerable<string>> LiveFaultsAsync(ApiWorker api, JsonNode document)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(await api.OpenStreamAsync("/api/v1/live?topics=leads,stream", patience.Token));
        var names = new HashSet<string>();
        while (true)
        {
            var line = await reader.ReadLineAsync(patience.Token);
            Assert.NotNull(line);
            if (!line.StartsWith("event: ", StringComparison.Ordinal))
                continue;
            var data = await reader.ReadLineAsync(patience.Token);
            names.Add(line["event: ".Length..]);
            if (line == "event: stream" && names.IsSupersetOf(["beat", "totals"]))
                return new JsonShape(document).Faults(JsonNode.Parse(data!["data: ".Length..]), document["components"]!["schemas"]!["StreamDocument"]!);
        }
    }

    private static async Task<string> AdminKeyAsync(TestScope scope)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await StreamScorer.Sinks.Migrations.ApplyAsync(dataSource);
        await using var connection = await dataSource.OpenConnectionAsync();
        return await ApiKeyTable.CreateAsync(connection, new NewApiKey("contract", ["admin"], null, null, null, TimeSpan.Zero), "a test", default);
    }

    private static string Loopback() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Find()}");
}
