using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using StreamScorer.IntegrationTests.Operators;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>The real worker posts what it sees to a webhook.</summary>
public class WorkerAlertTests
{
    [RequiresServicesFact]
    public async Task A_shifted_feature_is_told_by_name_and_the_start_as_resolved()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        using var receiver = new AlertReceiver();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = WorkerProcess.Start(
            scope, model, ("Alerts__WebhookUrl", receiver.Address), ("Alerts__Interval", "00:00:00.100"), ("Alerts__PatienceFactor", "0"));
        LeadEvents.Publish(scope, LeadEvents.Generated(1500).Select(e => ((string?)e.Key, (string?)Shifted(e.Value))));

        await receiver.WaitForAsync(
            message => Text(message).StartsWith("[WARNING] StreamScorerFeatureDrift: Feature totalVisits has drifted", StringComparison.Ordinal),
            "alert of the shifted feature");
        // Before its first contact no dependency has answered: with no patience that is an alert, and then its end.
        await receiver.WaitForAsync(
            message => Text(message).StartsWith("[RESOLVED] StreamScorerNotReady: Kafka", StringComparison.Ordinal), "end of the start's alert");
        await worker.StopCleanlyAsync();
        var told = receiver.Messages.Select(Text).ToList();
        Assert.Single(told, text => text.Contains("StreamScorerFeatureDrift: Feature totalVisits", StringComparison.Ordinal));
        Assert.DoesNotContain(told, text => text.Contains("StreamScorerFeatureDrift", StringComparison.Ordinal) && !text.Contains("totalVisits", StringComparison.Ordinal));
        Assert.DoesNotContain(told, text => text.Contains("lead-1", StringComparison.Ordinal));
    }

    [RequiresServicesFact]
    public async Task Two_workers_of_a_group_tell_an_alert_once()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 2);
        using var receiver = new AlertReceiver();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        (string, string)[] settings =
            [("Alerts__WebhookUrl", receiver.Address), ("Alerts__Interval", "00:00:00.100"), ("Alerts__PatienceFactor", "0")];
        await using var first = WorkerProcess.Start(scope, model, settings);
        await using var second = WorkerProcess.Start(scope, model, settings);
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await first.WaitAsync(async () => await CountAsync(dataSource, "select count(distinct owner) from stream_progress") == 2, "share the partitions");
        LeadEvents.Publish(scope, LeadEvents.Generated(4000).Select(e => ((string?)e.Key, (string?)Shifted(e.Value))));

        const string Holders = "select count(*) from alert_holds where rule = 'StreamScorerFeatureDrift' and subject = 'totalVisits'";
        await first.WaitAsync(async () => await CountAsync(dataSource, Holders) == 2, "both see the shift");
        await receiver.WaitForAsync(message => Text(message).Contains("FeatureDrift: Feature totalVisits", StringComparison.Ordinal), "alert");
        await first.StopCleanlyAsync();
        await second.StopCleanlyAsync();
        Assert.Single(receiver.Messages.Select(Text), text => text.Contains("FeatureDrift: Feature totalVisits", StringComparison.Ordinal));
    }

    [RequiresServicesFact]
    public async Task The_verb_sends_a_test_alert_and_says_what_is_missing()
    {
        await using var scope = await TestScope.CreateAsync();
        using var receiver = new AlertReceiver();
        var sent = await VerbProcess.RunAsync(scope, "alerts", "test", "--Alerts:WebhookUrl=" + receiver.Address);
        Assert.True(sent.ExitCode == 0, sent.Errors);
        Assert.Equal(["[WARNING]", "[RESOLVED]"], receiver.Messages.Select(message => Text(message).Split(' ')[0]));
        var unset = await VerbProcess.RunAsync(scope, "alerts", "test");
        Assert.Equal(2, unset.ExitCode);
        Assert.Contains("Alerts:WebhookUrl", unset.Errors, StringComparison.Ordinal);
        var away = await VerbProcess.RunAsync(scope, "alerts", "test", "--Alerts:WebhookUrl=http://127.0.0.1:1/secret");
        Assert.Equal(1, away.ExitCode);
        Assert.DoesNotContain("secret", away.Errors, StringComparison.Ordinal);
    }

    private static async Task<long> CountAsync(NpgsqlDataSource dataSource, string sql)
    {
        try
        {
            await using var command = dataSource.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return 0;
        }
    }

    private static string Shifted(string json)
    {
        var lead = JsonNode.Parse(json)!;
        lead["totalVisits"] = 40 + (lead["totalVisits"]?.GetValue<double>() ?? 0);
        return lead.ToJsonString();
    }

    private static string Text(JsonElement message) => message.GetProperty("text").GetString()!;
}
