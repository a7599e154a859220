using System.CommandLine;
using StreamScorer.App.Alerts;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>alerts</c>: what the worker watches, and whether its messages arrive.</summary>
internal static class AlertsCommand
{
    public static Command Create() => new("alerts", "What the worker alerts on by itself, and whether its messages arrive.")
    {
        CreateList(), CreateTest(),
    };

    private static Command CreateList()
    {
        var json = new Option<bool>("--json") { Description = "One JSON object per condition and line instead of the table." };
        var command = new Command("list", "The conditions: severity, limit, how long they must last, runbook.") { json };
        command.SetAction(parsed =>
        {
            var table = new ReportTable("Alerts", "alert", "severity", "limit", "for", "runbook").TextAtEnd();
            foreach (var rule in AlertRules.All)
            {
                if (parsed.GetValue(json))
                    JsonOutput.Write(new { rule.Name, Severity = Severity(rule), rule.Limit, ForSeconds = rule.For.TotalSeconds, rule.Runbook });
                table.Row(rule.Name, Severity(rule), rule.Limit.ToString("0.##", null), $"{rule.For.TotalMinutes:0} min", rule.Runbook);
            }

            if (!parsed.GetValue(json))
                table.WriteTo(StandardOutput.Console);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateTest()
    {
        var command = new Command("test", "Send a test alert and its resolution to the webhook (setting Alerts:WebhookUrl or Alerts:WebhookUrlFile).");
        OperatorSettings.Accept(command);
        command.SetAction(TestAsync);
        return command;
    }

    private static async Task<int> TestAsync(ParseResult parsed, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        using var webhook = AlertWebhook.Open(options.Alerts, AlertWorker.WorkerName, TimeProvider.System);
        if (webhook is null)
        {
            await Console.Error.WriteLineAsync(
                "No webhook is set. Set Alerts:WebhookUrl (environment: Alerts__WebhookUrl), or Alerts:WebhookUrlFile to a file that holds it.");
            return ExitCode.BadUsage;
        }

        var rule = new AlertRule("StreamScorerTest", AlertSeverity.Warning, TimeSpan.Zero, 0, _ => []);
        var finding = new AlertFinding("", "This is a test: nothing is wrong.");
        var now = TimeProvider.System.GetUtcNow();
        try
        {
            await webhook.SendAsync(new AlertNotice(rule, finding, IsResolved: false, now), ct);
            await webhook.SendAsync(new AlertNotice(rule, finding, IsResolved: true, now), ct);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"The test alert was not delivered: {failure.Message}");
            return ExitCode.Failed;
        }

        Console.WriteLine("The webhook took a test alert and its resolution.");
        return ExitCode.Done;
    }

    private static string Severity(AlertRule rule) => rule.Severity.ToString().ToLowerInvariant();
}
