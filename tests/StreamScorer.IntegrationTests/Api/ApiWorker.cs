using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Api;

/// <summary>A worker with its HTTP surface on free ports, and a client with a key that may do everything but administer.</summary>
internal sealed partial class ApiWorker : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly string _key;

    private ApiWorker(WorkerProcess worker, Uri address, Uri management, string key)
    {
        (Worker, Management, _key) = (worker, management, key);
        _client = new HttpClient { BaseAddress = address };
    }

    public WorkerProcess Worker { get; }

    public Uri Management { get; }

    public static async Task<ApiWorker> StartAsync(TestScope scope, string model, params (string Name, string Value)[] settings)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await Migrations.ApplyAsync(dataSource);
        await using var connection = await dataSource.OpenConnectionAsync();
        var key = await ApiKeyTable.CreateAsync(
            connection, new NewApiKey("tester", ["score", "leads:read", "models:read"], null, null, null, TimeSpan.Zero), "a test", default);
        var worker = WorkerProcess.Start(scope, model,
        [
            ("Api__Enabled", "true"), ("Api__Urls", "http://127.0.0.1:0"), ("Api__ManagementUrls", "http://127.0.0.1:0"),
            ("Api__KeyRefresh", "00:00:00.500"), ("Api__ScoreFolder", Path.Combine(scope.Folder, "api-scores")), .. settings,
        ]);
        await worker.WaitAsync(() => Task.FromResult(Addresses().IsMatch(worker.Log)), "its API's addresses");
        var found = Addresses().Match(worker.Log);
        return new ApiWorker(worker, new Uri(found.Groups[1].Value), new Uri(found.Groups[2].Value), key);
    }

    public async Task<string> GetAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, _key);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {body}\n{Worker.Log}");
        return body;
    }

    public async Task<string> PostAsync(string path, string json)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, json, _key);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {body}\n{Worker.Log}");
        return body;
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? key = null)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, key ?? _key);
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Worker.DisposeAsync();
    }

    /// <summary>The body of an answer that does not end, with the worker's key.</summary>
    public async Task<Stream> OpenStreamAsync(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-API-Key", _key);
        var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        Assert.Equal("text/event-stream", answer.EnsureSuccessStatusCode().Content.Headers.ContentType!.MediaType);
        return await answer.Content.ReadAsStreamAsync(ct);
    }

    /// <summary>Sends a request as a page of the service would.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json, string key)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        request.Headers.TryAddWithoutValidation("Origin", _client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await _client.SendAsync(request);
    }

    [GeneratedRegex(@"API listens at (http://[0-9.:]+); metrics and health at (http://[0-9.:]+)")]
    private static partial Regex Addresses();
}
