using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamScorer.App.Api;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Hosting;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Telemetry;
using StreamScorer.Tests.Scoring;

namespace StreamScorer.Tests.App.Api;

/// <summary>
/// The real HTTP surface on ports of its own, with a small model and keys in memory, without Kafka and PostgreSQL: what
/// needs those is tested with them.
/// </summary>
internal sealed class ApiService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder _folder;

    private ApiService(WebApplication app, TemporaryFolder folder, ForestModel model, List<ApiKey> keys, RecordedLog log)
    {
        (_app, _folder, Model, Keys, Log) = (app, folder, model, keys, log);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (Address, ManagementAddress) = (new Uri(addresses[0]), new Uri(addresses[1]));
        Client = new HttpClient { BaseAddress = Address };
    }

    public ForestModel Model { get; }

    /// <summary>What the database would hold.</summary>
    public List<ApiKey> Keys { get; }

    public RecordedLog Log { get; }

    public Uri Address { get; }

    public Uri ManagementAddress { get; }

    public HttpClient Client { get; }

    /// <summary>A key that may score, and read leads and models.</summary>
    public string Key { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    public string ScoreFolder => Path.Combine(_folder.Path, "scores");

    public static async Task<ApiService> StartAsync(Action<StreamScorerOptions>? configure = null)
    {
        var folder = new TemporaryFolder();
        var options = new StreamScorerOptions();
        options.Api.Urls = options.Api.ManagementUrls = "http://127.0.0.1:0";
        options.Api.ModelsFolder = "";
        options.Api.ScoreFolder = Path.Combine(folder.Path, "scores");
        options.Api.RequestsPerSecond = 1_000_000;
        options.Api.KeyRefresh = TimeSpan.FromMilliseconds(100);
        options.ConnectionStrings.HotLeads = "Host=127.0.0.1;Port=1;Database=none;Username=none;Timeout=1";
        configure?.Invoke(options);
        var model = SmallModels.Train(1);
        var keys = new List<ApiKey>();
        var log = new RecordedLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads));
        builder.Services.AddSingleton(new PredictionEnginePool(HotThreshold.Default));
        builder.Services.AddSingleton<Readiness>().AddSingleton<LoopPulse>().AddSingleton<ScorerMetrics>();
        builder.Services.AddSingleton<ReadApiKeys>(_ =>
        {
            lock (keys)
                return Task.FromResult<IReadOnlyList<ApiKey>>([.. keys]);
        });
        TelemetryServices.AddFigures(builder.Services);
        ApiHost.Add(builder, options);
        var app = builder.Build();
        app.Services.GetRequiredService<PredictionEnginePool>().Add(options.Scoring.ModelName, model);
        ApiHost.Use(app, options);
        await ApiHost.StartAsync(app, options, CancellationToken.None);
        var service = new ApiService(app, folder, model, keys, log);
        service.Key = await service.AddKeyAsync(ApiScope.Score | ApiScope.LeadsRead | ApiScope.ModelsRead);
        return service;
    }

    /// <summary>Adds a key, waits until the service knows it, and returns it whole.</summary>
    public async Task<string> AddKeyAsync(ApiScope scopes, int? perSecond = null, DateTimeOffset? expiresAt = null, DateTimeOffset? revokedAt = null)
    {
        var (key, id, hash) = ApiKeyText.Create();
        lock (Keys)
            Keys.Add(new ApiKey(id, "a test", hash, scopes, perSecond, expiresAt, revokedAt));
        while (!Services.GetRequiredService<ApiKeyStore>().TryGet(id, out _))
            await Task.Delay(10);
        return key;
    }

    /// <summary>Posts a body with the service's key.</summary>
    public async Task<Answer> PostAsync(string path, byte[] body, string? key = null, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return await SendAsync(request, key ?? Key);
    }

    /// <summary>Gets a path with the service's key.</summary>
    public async Task<Answer> GetAsync(string path, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, key ?? Key);
    }

    /// <summary>Sends a request; an empty key sends none.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request, string key)
    {
        if (key.Length > 0)
            request.Headers.TryAddWithoutValidation("X-API-Key", key);
        using var response = await Client.SendAsync(request);
        return new Answer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(),
            response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Stops the service in order; its folder stays until it is disposed of.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(HttpStatusCode Status, string? MediaType, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public System.Text.Json.Nodes.JsonNode Json => System.Text.Json.Nodes.JsonNode.Parse(Body)!;
}

/// <summary>Keeps every log line, to show what must not stand in one.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
