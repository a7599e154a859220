using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using StreamScorer.App;
using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>
/// A real Prometheus evaluates the shipped rules on scraped metrics, and a real Alertmanager tells a webhook that an alert fires
/// and that it has ended. Only times are shortened: nobody waits ten minutes for a test.
/// </summary>
public sealed class PrometheusTests
{
    [RequiresProgramsFact("prometheus", "prometheus-alertmanager")]
    public async Task An_alert_fires_and_resolves_all_the_way_to_a_webhook()
    {
        var folder = OwnServices.NewFolder();
        using var receiver = new AlertReceiver();
        using var worker = new FakeMetrics { Text = "streamscorer_ready{dependency=\"Kafka\"} 0\nstreamscorer_ready{dependency=\"PostgreSQL\"} 1\n" };
        var (prometheusPort, alertmanagerPort) = (LoopbackPort.Find(), LoopbackPort.Find());
        WriteFiles(folder, receiver.Address, worker.Port, alertmanagerPort);
        using var alertmanager = Start(
            folder, "prometheus-alertmanager", $"--config.file={folder}/alertmanager.yml", $"--storage.path={folder}/alertmanager",
            Listen(alertmanagerPort), "--cluster.listen-address=");
        using var prometheus = Start(
            folder, "prometheus", $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/prometheus", Listen(prometheusPort));
        try
        {
            await receiver.WaitForAsync(message => Has(message, "firing", "StreamScorerNotReady", "Kafka"), "firing alert");
            worker.Text = worker.Text.Replace("} 0", "} 1", StringComparison.Ordinal);
            await receiver.WaitForAsync(message => Has(message, "resolved", "StreamScorerNotReady", "Kafka"), "resolved alert");
            Assert.DoesNotContain(receiver.Messages, message => Has(message, "firing", "StreamScorerNotReady", "PostgreSQL"));
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

    private static void WriteFiles(string folder, string webhook, int workerPort, int alertmanagerPort)
    {
        var shipped = File.ReadAllText(Path.Combine(InstallationFolder.Path, "src", "monitoring", "streamscorer.rules.yml"));
        var quick = System.Text.RegularExpressions.Regex.Replace(shipped, @"(?m)^( +for:) \d+m$", "$1 0m").Replace("interval: 1m", "interval: 1s", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "rules.yml"), quick);
        File.WriteAllText(Path.Combine(folder, "prometheus.yml"), $$"""
            global: { scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms }
            rule_files: [ '{{folder}}/rules.yml' ]
            alerting: { alertmanagers: [ { static_configs: [ { targets: [ '127.0.0.1:{{alertmanagerPort}}' ] } ] } ] }
            scrape_configs: [ { job_name: streamscorer, static_configs: [ { targets: [ '127.0.0.1:{{workerPort}}' ] } ] } ]
            """);
        File.WriteAllText(Path.Combine(folder, "alertmanager.yml"), $$"""
            route: { receiver: test, group_by: [ alertname, dependency ], group_wait: 100ms, group_interval: 1s, repeat_interval: 1h }
            receivers: [ { name: test, webhook_configs: [ { url: '{{webhook}}', send_resolved: true } ] } ]
            """);
    }

    private static async Task HealthyRulesAsync(int port)
    {
        using var client = new HttpClient();
        using var rules = JsonDocument.Parse(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/v1/rules")));
        var all = rules.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToList();
        Assert.True(all.Count > 30);
        Assert.All(all, rule => Assert.True(rule.GetProperty("health").GetString() == "ok", rule.ToString()));
    }

    private static bool Has(JsonElement message, string status, string alert, string dependency) =>
        message.TryGetProperty("alerts", out var alerts) && alerts.EnumerateArray().Any(each =>
            each.GetProperty("status").GetString() == status
            && each.GetProperty("labels").GetProperty("alertname").GetString() == alert
            && each.GetProperty("labels").TryGetProperty("dependency", out var named) && named.GetString() == dependency);

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
