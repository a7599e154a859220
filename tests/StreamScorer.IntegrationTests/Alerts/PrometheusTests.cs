using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using StreamScorer.App;
using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>
/// A real Prometheus evaluates the shipped rules on scraped metrics, and a real Alertmanager with the shipped routes tells Slack,
/// PagerDuty and the mail server that an alert fires and that it has ended. Only addresses are the test's own and times are
/// shortened: nobody waits ten minutes for a test.
/// </summary>
public sealed class PrometheusTests
{
    [RequiresProgramsFact("prometheus", "prometheus-alertmanager")]
    public async Task An_alert_fires_and_resolves_all_the_way_to_those_who_are_called()
    {
        var folder = OwnServices.NewFolder();
        using var receiver = new AlertReceiver();
        using var mail = new MailReceiver();
        using var worker = new FakeMetrics
        {
            Text = "streamscorer_ready{dependency=\"Kafka\"} 0\nstreamscorer_ready{dependency=\"PostgreSQL\"} 1\nstreamscorer_consumer_lag 200000\n",
        };
        var (prometheusPort, alertmanagerPort) = (LoopbackPort.Find(), LoopbackPort.Find());
        WritePrometheus(folder, worker.Port, alertmanagerPort);
        WriteAlertmanager(folder, receiver.Address, mail.Port);
        using var alertmanager = Start(
            folder, "prometheus-alertmanager", $"--config.file={folder}/alertmanager.yml", $"--storage.path={folder}/alertmanager",
            Listen(alertmanagerPort), "--cluster.listen-address=");
        using var prometheus = Start(
            folder, "prometheus", $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/prometheus", Listen(prometheusPort));
        try
        {
            await ToldAsync(receiver, mail, "FIRING", "trigger");
            await receiver.WaitForAsync(message => IsSlack(message, "[FIRING] StreamScorerLagHigh (warning)", "lag"), "warning in Slack");
            worker.Text = worker.Text.Replace("} 0", "} 1", StringComparison.Ordinal);
            await ToldAsync(receiver, mail, "RESOLVED", "resolve");
            // A warning wakes nobody, and a dependency that answers is no trouble.
            Assert.DoesNotContain(receiver.Messages, message => IsPage(message, "trigger", "StreamScorerLagHigh"));
            Assert.DoesNotContain(mail.Messages, message => message.Contains("StreamScorerLagHigh", StringComparison.Ordinal));
            Assert.DoesNotContain(receiver.Messages, message => $"{message}".Contains("PostgreSQL", StringComparison.Ordinal));
            await HealthyRulesAsync(prometheusPort);
        }
        finally
        {
            prometheus.Kill();
            alertmanager.Kill();
            prometheus.WaitForExit();
            alertmanager.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ToldAsync(AlertReceiver receiver, MailReceiver mail, string status, string pagerAction)
    {
        await receiver.WaitForAsync(
            message => IsSlack(message, $"[{status}] StreamScorerNotReady (critical)", "Kafka") && $"{message}".Contains("operating.md#streamscorernotready", StringComparison.Ordinal),
            $"{status} in Slack");
        await receiver.WaitForAsync(message => IsPage(message, pagerAction, "StreamScorerNotReady"), $"{pagerAction} at PagerDuty");
        for (var waited = 0; !mail.Messages.Any(message => IsMail(message, status)); waited++)
        {
            Assert.True(waited < 300, $"No {status} by e-mail. These have come:\n{string.Join('\n', mail.Messages)}");
            await Task.Delay(100);
        }
    }

    private static void WritePrometheus(string folder, int workerPort, int alertmanagerPort)
    {
        var rules = Path.Combine(folder, "rules.yml");
        File.WriteAllText(rules, Regex.Replace(Shipped("streamscorer.rules.yml"), @"(?m)^( +for:) \d+m$", "$1 0m").Replace("interval: 1m", "interval: 1s", StringComparison.Ordinal));
        Write(folder, "prometheus.yml", Shipped("prometheus.yml"), new()
        {
            // Also the time that a scrape may take: with less, a busy machine makes a worker look dead, which silences its other alerts.
            ["15s"] = "2s",
            ["/etc/prometheus/streamscorer.rules.yml"] = rules,
            ["alertmanager:9093"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{alertmanagerPort}"),
            ["worker:9464"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{workerPort}"),
        });
    }

    private static void WriteAlertmanager(string folder, string receiver, int mailPort)
    {
        File.WriteAllText(Path.Combine(folder, "slack_webhook_url"), receiver + "slack");
        File.WriteAllText(Path.Combine(folder, "pagerduty_routing_key"), "test-routing-key");
        File.WriteAllText(Path.Combine(folder, "smtp_password"), "test-password");
        Write(folder, "alertmanager.yml", Shipped("alertmanager.yml"), new()
        {
            ["/run/secrets/"] = folder + "/",
            ["smtp.example.com:587"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{mailPort}\n  smtp_require_tls: false\n  pagerduty_url: {receiver}pagerduty"),
            ["group_wait: 30s"] = "group_wait: 100ms",
            ["group_interval: 5m"] = "group_interval: 1s",
        });
    }

    private static void Write(string folder, string name, string text, Dictionary<string, string> replacements)
    {
        foreach (var (shipped, own) in replacements)
        {
            Assert.Contains(shipped, text, StringComparison.Ordinal);
            text = text.Replace(shipped, own, StringComparison.Ordinal);
        }

        File.WriteAllText(Path.Combine(folder, name), text);
    }

    private static string Shipped(string name) => File.ReadAllText(Path.Combine(InstallationFolder.Path, "src", "monitoring", name));

    private static async Task HealthyRulesAsync(int port)
    {
        using var client = new HttpClient();
        using var rules = JsonDocument.Parse(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/v1/rules")));
        var all = rules.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToList();
        Assert.True(all.Count > 30);
        Assert.All(all, rule => Assert.True(rule.GetProperty("health").GetString() == "ok", rule.ToString()));
    }

    private static bool IsSlack(JsonElement message, string title, string text) =>
        message.TryGetProperty("attachments", out var all) && all.EnumerateArray().Any(each =>
            each.GetProperty("title").GetString() == title && each.GetProperty("text").GetString()!.Contains(text, StringComparison.Ordinal));

    private static bool IsPage(JsonElement message, string action, string alert) =>
        message.TryGetProperty("event_action", out var its) && its.GetString() == action
        && message.GetProperty("routing_key").GetString() == "test-routing-key"
        && $"{message}".Contains(alert, StringComparison.Ordinal);

    private static bool IsMail(string message, string status) =>
        message.Contains("To: lead-scoring@example.com", StringComparison.Ordinal)
        && message.Split('\n').Any(line => line.StartsWith("Subject:", StringComparison.Ordinal)
            && line.Contains(status, StringComparison.Ordinal) && line.Contains("StreamScorerNotReady", StringComparison.Ordinal));

    private static string Listen(int port) => string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}");

    private static Process Start(string folder, string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo("bash", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(folder, program + ".log"), program, .. arguments])
        {
            WorkingDirectory = folder,
        })!;

    /// <summary>What a worker's management port would answer.</summary>
    private sealed class FakeMetrics : IDisposable
    {
        private readonly HttpListener _listener = new();

        public FakeMetrics()
        {
            Port = LoopbackPort.Find();
            _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _listener.Start();
            _ = AnswerAsync();
        }

        public int Port { get; }

        public string Text { get; set; } = "";

        public void Dispose() => _listener.Close();

        private async Task AnswerAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var context = await _listener.GetContextAsync();
                    context.Response.ContentType = "text/plain; version=0.0.4";
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Text));
                    context.Response.Close();
                }
                catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
