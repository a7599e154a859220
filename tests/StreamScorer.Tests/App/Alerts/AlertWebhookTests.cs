using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamScorer.App.Alerts;
using StreamScorer.App.LocalServices;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;
using Xunit;

namespace StreamScorer.Tests.App.Alerts;

/// <summary>Notices over real HTTP, to a receiver that may refuse.</summary>
public sealed class AlertWebhookTests : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Queue<int> _answers = new();
    private readonly List<JsonElement> _received = [];
    private readonly string _address = $"http://127.0.0.1:{LoopbackPort.Find()}/hook/";

    public AlertWebhookTests()
    {
        _listener.Prefixes.Add(_address);
        _listener.Start();
        _ = ReceiveAsync();
    }

    public void Dispose() => _listener.Close();

    [Fact]
    public async Task A_dependency_that_goes_and_comes_back_is_told_twice()
    {
        var options = new StreamScorerOptions { Alerts = { WebhookUrl = _address, PatienceFactor = 0 } };
        var readiness = new Readiness(TimeProvider.System);
        foreach (var name in readiness.Statuses.Keys)
            readiness.Up(name);
        using var metrics = new ScorerMetrics();
        using var outcomes = new OutcomeMetrics();
        var reader = new AlertFigureReader(readiness, metrics, new DataQuality(TimeProvider.System), outcomes, options, TimeProvider.System);
        // No database answers: the worker tells by itself.
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        using var worker = new AlertWorker(reader, options, nowhere, TimeProvider.System, NullLogger<AlertWorker>.Instance);
        using var webhook = AlertWebhook.Open(options.Alerts, "host:1", TimeProvider.System);

        await worker.LookAsync(webhook, default);
        Assert.Empty(Received("StreamScorerNotReady"));
        readiness.Down(Readiness.Kafka, "no broker answers");
        await worker.LookAsync(webhook, default);
        await worker.LookAsync(webhook, default);
        Assert.Equal(Readiness.Kafka, worker.Firing.Single(notice => notice.Rule.Name == "StreamScorerNotReady").Finding.Subject);
        readiness.Up(Readiness.Kafka);
        await worker.LookAsync(webhook, default);
        await worker.LookAsync(webhook, default);

        var messages = Received("StreamScorerNotReady");
        Assert.Equal(
            ["[CRITICAL] StreamScorerNotReady: Kafka does not answer the worker: no broker answers.",
             "[RESOLVED] StreamScorerNotReady: Kafka does not answer the worker: no broker answers."],
            messages.Select(message => message.GetProperty("text").GetString()));
        var fields = messages[0].GetProperty("attachments")[0].GetProperty("fields").EnumerateArray()
            .ToDictionary(field => field.GetProperty("title").GetString()!, field => field.GetProperty("value").GetString());
        Assert.Equal(("critical", "host:1", "firing"), (fields["Severity"], fields["Worker"], fields["Status"]));
        Assert.Equal("src/docs/operating.md#streamscorernotready", fields["Runbook"]);
    }

    [Fact]
    public async Task A_busy_receiver_is_asked_again_and_one_that_refuses_is_not()
    {
        using var webhook = AlertWebhook.Open(new AlertOptions { WebhookUrl = _address }, "host:1", TimeProvider.System)!;
        var notice = new AlertNotice(AlertRules.All[0], new AlertFinding("Kafka", "x"), false, DateTimeOffset.UnixEpoch);
        _answers.Enqueue(503);
        _answers.Enqueue(429);
        await webhook.SendAsync(notice, default);
        Assert.Equal(3, _received.Count);
        _answers.Enqueue(404);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => webhook.SendAsync(notice, default));
        Assert.Equal(4, _received.Count);
        Assert.DoesNotContain("hook", refused.Message.Replace("webhook", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_comes_from_a_file_and_is_never_told()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "url");
        File.WriteAllText(file, "https://hooks.example.com/secret\n");
        using (AlertWebhook.Open(new AlertOptions { WebhookUrlFile = file }, "w", TimeProvider.System))
        {
        }

        Assert.Null(AlertWebhook.Open(new AlertOptions(), "w", TimeProvider.System));
        var wrong = Assert.Throws<InvalidDataException>(
            () => AlertWebhook.Open(new AlertOptions { WebhookUrl = "secret" }, "w", TimeProvider.System));
        Assert.DoesNotContain("secret", wrong.Message, StringComparison.Ordinal);
    }

    private List<JsonElement> Received(string alert)
    {
        lock (_received)
            return [.. _received.Where(message => message.GetProperty("text").GetString()!.Contains(alert, StringComparison.Ordinal))];
    }

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var json = await JsonDocument.ParseAsync(context.Request.InputStream);
            lock (_received)
                _received.Add(json.RootElement.Clone());
            context.Response.StatusCode = _answers.TryDequeue(out var answer) ? answer : 200;
            context.Response.Close();
        }
    }
}
