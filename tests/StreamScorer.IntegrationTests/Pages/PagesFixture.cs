using System.Net.Http.Json;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.LocalServices;
using StreamScorer.Forests;
using StreamScorer.IntegrationTests.Worker;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>One worker with its pages and one browser, for all tests of the pages.</summary>
[CollectionDefinition(Name)]
public sealed class PagesFixture : IAsyncLifetime, ICollectionFixture<PagesFixture>
{
    public const string Name = "Pages";

    private TestScope? _scope;
    private WorkerProcess? _worker;
    private Chromium? _browser;

    internal TestScope Scope => _scope!;

    internal WorkerProcess Worker => _worker!;

    internal Chromium Browser => _browser!;

    internal static ForestModel Model => TestModels.Champion;

    internal Uri Address { get; private set; } = new("http://127.0.0.1");

    public async Task InitializeAsync()
    {
        // Every test will be skipped: nothing is started for them.
        if (Chromium.Program is null || Services.WhyMissing() is not null)
            return;
        _scope = await TestScope.CreateAsync(partitions: 4, test: nameof(Pages));
        Address = new Uri($"http://127.0.0.1:{LoopbackPort.Find()}");
        var model = TestModels.Save(Model, Path.Combine(Scope.Folder, "models", "lead-scoring"));
        _worker = WorkerProcess.Start(
            Scope, model, ("Api__Enabled", "true"), ("Api__Urls", Address.ToString()), ("Api__ManagementUrls", ""), ("Api__KeyRefresh", "00:00:00.500"),
            ("Alerts__Interval", "00:00:01"));
        _browser = await Chromium.StartAsync();
        using var client = new HttpClient { BaseAddress = Address };
        await _worker.WaitAsync(async () => await IsReadyAsync(client), "ready");
        // Enough for quality to be reported.
        LeadEvents.Publish(Scope, LeadEvents.Generated(1500).Select(lead => ((string?)lead.Key, (string?)lead.Value)));
        await _worker.WaitUntilDrainedAsync(Scope);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        if (_worker is not null)
            await _worker.DisposeAsync();
        if (_scope is not null)
            await _scope.DisposeAsync();
    }

    /// <summary>Makes a key with these scopes.</summary>
    internal async Task<string> CreateKeyAsync(params string[] scopes)
    {
        await using var dataSource = NpgsqlDataSource.Create(Scope.ConnectionString);
        await using var connection = await dataSource.OpenConnectionAsync();
        return await ApiKeyTable.CreateAsync(
            connection, new NewApiKey("sales-team", scopes, null, null, null, TimeSpan.Zero), "a test", CancellationToken.None);
    }

    /// <summary>A client with the session of a key.</summary>
    internal async Task<HttpClient> LogInAsync(string key)
    {
        var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = Address };
        client.DefaultRequestHeaders.Add("Origin", Address.GetLeftPart(UriPartial.Authority));
        using var answer = await client.PostAsJsonAsync("/api/v1/session", new { key });
        answer.EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>A page of a browser that has logged in by the form.</summary>
    internal async Task<ChromiumPage> OpenAsync(
        string path, string key, int width = 1280, int height = 800, bool phone = false, string scheme = "light")
    {
        var page = await Browser.OpenPageAsync(width, height, phone, scheme);
        await page.GoToAsync(new Uri(Address, "/login?next=" + path));
        await page.WaitAsync("document.activeElement?.id === 'key'", "focus on the key");
        await page.TypeAsync(key);
        await page.PressAsync("Enter");
        await page.WaitAsync($"location.pathname === '{path}' && document.readyState === 'complete'", "way past the log-in");
        return page;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
