using System.Net.Http.Json;
using System.Text.Json;
using Polly;
using Polly.Retry;

namespace StreamScorer.App.Alerts;

/// <summary>
/// Posts notices as the JSON of Slack's incoming webhooks, which Mattermost, Rocket.Chat and others take too. Tries again
/// on what may pass: no answer, 408, 429 and 5xx.
/// </summary>
internal sealed class AlertWebhook : IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly string _worker;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    /// <param name="address">Where to post.</param>
    /// <param name="worker">Names the worker to people.</param>
    /// <param name="clock">Waits between tries.</param>
    public AlertWebhook(Uri address, string worker, TimeProvider clock)
    {
        _address = address;
        _worker = worker;
        _client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 4,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(250),
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>().Handle<TaskCanceledException>(static e => e.InnerException is TimeoutException)
                    .HandleResult(static answer => (int)answer.StatusCode is 408 or 429 or >= 500),
            })
            .Build();
    }

    /// <summary>The configured webhook; null where none is set.</summary>
    /// <exception cref="InvalidDataException">The setting is no http or https address; its text is not told, it is a secret.</exception>
    /// <exception cref="IOException">The file that should hold it cannot be read.</exception>
    public static AlertWebhook? Open(AlertOptions options, string worker, TimeProvider clock)
    {
        var fromFile = options.WebhookUrlFile.Length > 0;
        var text = fromFile ? File.ReadAllText(options.WebhookUrlFile).Trim() : options.WebhookUrl;
        if (text.Length == 0)
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new AlertWebhook(address, worker, clock)
            : throw new InvalidDataException(
                (fromFile ? $"File {options.WebhookUrlFile} (Alerts:WebhookUrlFile)" : "Setting Alerts:WebhookUrl")
                + " does not hold an address such as https://hooks.slack.com/services/…");
    }

    /// <summary>Delivers one notice.</summary>
    /// <exception cref="HttpRequestException">It could not be delivered; the message does not tell the address.</exception>
    public async Task SendAsync(AlertNotice notice, CancellationToken ct)
    {
        using var answer = await _pipeline.ExecuteAsync(
            async token => await _client.PostAsync(_address, Content(notice), token).ConfigureAwait(false), ct).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"The webhook at {_address.Host} answered {(int)answer.StatusCode}.");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private JsonContent Content(AlertNotice notice)
    {
        var (status, colour) = notice.IsResolved ? ("RESOLVED", "good")
            : notice.Rule.Severity == AlertSeverity.Critical ? ("CRITICAL", "danger") : ("WARNING", "warning");
        var message = new
        {
            text = $"[{status}] {notice.Rule.Name}: {notice.Finding.Summary}",
            attachments = new[]
            {
                new
                {
                    color = colour,
                    fields = new[]
                    {
                        Field("Status", notice.IsResolved ? "resolved" : "firing"),
                        Field("Severity", notice.Rule.Severity.ToString().ToLowerInvariant()),
                        Field("Subject", notice.Finding.Subject.Length > 0 ? notice.Finding.Subject : "worker"),
                        Field("Worker", _worker),
                        Field("Since", FormattableString.Invariant($"{notice.Since:yyyy-MM-dd HH:mm:ss} UTC")),
                        Field("Runbook", notice.Rule.Runbook),
                    },
                },
            },
        };
        return JsonContent.Create(message, options: JsonSerializerOptions.Web);
    }

    private static WebhookField Field(string title, string value) => new(title, value, Short: true);

    private sealed record WebhookField(string Title, string Value, bool Short);
}
