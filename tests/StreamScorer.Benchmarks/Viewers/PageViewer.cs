using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace StreamScorer.Benchmarks.Viewers;

/// <summary>Which page somebody looks at.</summary>
internal enum ViewedPage
{
    /// <summary>The agents' page: the list, leads live, now and then one lead's history.</summary>
    Leads,

    /// <summary>The operators' page: figures every second, alerts every five.</summary>
    Stream,
}

/// <summary>A request of a page and how long its answer took.</summary>
/// <param name="What">Which request.</param>
/// <param name="Milliseconds">From asking to the last byte.</param>
internal readonly record struct PageAnswer(string What, double Milliseconds);

/// <summary>
/// One browser's requests without the browser: logs in with a key, then asks what leads.js and stream.js ask, as often as they do.
/// </summary>
internal sealed class PageViewer(Uri address, ViewedPage page, TimeSpan openLeadEvery, int seed) : IDisposable
{
    private const string Beats = "between beats";

    // What leads.js and stream.js keep to.
    private static readonly TimeSpan RereadAfterBurst = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan AlertsEvery = TimeSpan.FromSeconds(5);

    private static readonly byte[] More = Encoding.UTF8.GetBytes("\"more\":true");

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
    private readonly Random _random = new(seed);
    private readonly ConcurrentQueue<string> _leads = [];
    private bool _wantsReread;

    /// <summary>Answers so far.</summary>
    public ConcurrentQueue<PageAnswer> Answers { get; } = [];

    /// <summary>Bytes of events received.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Logs in, as the login page does.</summary>
    public async Task LogInAsync(string key, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session") { Content = JsonContent.Create(new { key }) };
        request.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        using var answer = await _http.SendAsync(request, ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Opens the page and keeps it open until it is told to stop.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        try
        {
            await GetAsync("page", page == ViewedPage.Leads ? "/" : "/stream", stop);
            await GetAsync("session", "/api/v1/session", stop);
            await (page == ViewedPage.Leads ? ReadListAsync(stop) : GetAsync("stream", "/api/v1/stream", stop));
            var live = ListenAsync(stop);
            await Task.WhenAny(live, page == ViewedPage.Leads ? BeAgentAsync(stop) : WatchAlertsAsync(stop));
            await live;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The page was closed.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task BeAgentAsync(CancellationToken stop)
    {
        var nextLead = openLeadEvery * _random.NextDouble();
        var nextRead = TimeSpan.MaxValue;
        var watch = Stopwatch.StartNew();
        while (true)
        {
            await Task.Delay(250, stop);
            if (_wantsReread && nextRead == TimeSpan.MaxValue)
                nextRead = watch.Elapsed + (RereadAfterBurst * (0.5 + _random.NextDouble()));
            if (watch.Elapsed >= nextRead)
            {
                await ReadListAsync(stop);
                (nextRead, _wantsReread) = (TimeSpan.MaxValue, false);
            }

            if (watch.Elapsed < nextLead || !_leads.TryDequeue(out var lead))
                continue;
            await GetAsync("lead", $"/api/v1/leads/{Uri.EscapeDataString(lead)}/score", stop);
            nextLead += openLeadEvery;
        }
    }

    private async Task WatchAlertsAsync(CancellationToken stop)
    {
        while (true)
        {
            await GetAsync("alerts", "/api/v1/alerts", stop);
            await Task.Delay(AlertsEvery, stop);
        }
    }

    private async Task ReadListAsync(CancellationToken stop)
    {
        using var list = JsonDocument.Parse(await GetAsync("list", "/api/v1/leads/hot?sort=probability&limit=200", stop));
        _leads.Clear();
        foreach (var lead in list.RootElement.GetProperty("leads").EnumerateArray().OrderBy(_ => _random.Next()).Take(5))
            _leads.Enqueue(lead.GetProperty("lead_id").GetString()!);
    }

    private async Task<byte[]> GetAsync(string what, string path, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await _http.GetAsync(path, stop);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsByteArrayAsync(stop);
        Answers.Enqueue(new PageAnswer(what, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
        return body;
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        using var answer = await _http.GetAsync(
            $"/api/v1/live?topics={(page == ViewedPage.Leads ? "leads" : "stream")}", HttpCompletionOption.ResponseHeadersRead, stop);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(stop);
        var heard = 0L;
        var events = SseParser.Create(body, (type, data) => (Bytes: data.Length, HasMore: type == "leads" && data.IndexOf(More) >= 0));
        await foreach (var message in events.EnumerateAsync(stop))
        {
            LiveBytes += message.Data.Bytes;
            _wantsReread |= message.Data.HasMore;
            if (message.EventType != "beat")
                continue;
            var now = Stopwatch.GetTimestamp();
            if (heard != 0)
                Answers.Enqueue(new PageAnswer(Beats, Stopwatch.GetElapsedTime(heard, now).TotalMilliseconds));
            heard = now;
        }

        if (!stop.IsCancellationRequested)
            throw new InvalidOperationException("The live feed ended by itself.");
    }
}
