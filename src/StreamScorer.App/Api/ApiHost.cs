using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Leads;
using StreamScorer.App.Api.Live;
using StreamScorer.App.Api.Models;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Quality;
using StreamScorer.App.Api.Scoring;
using StreamScorer.App.Api.Sessions;

namespace StreamScorer.App.Api;

/// <summary>The HTTP surface in the worker's process: what it is made of, in the order in which a request meets it.</summary>
internal static class ApiHost
{
    /// <summary>The policy that ends an operation after <see cref="ApiOptions.RequestTimeout"/>.</summary>
    public const string TimeLimit = "request-timeout";

    /// <summary>Registers the parts and opens the listeners of the settings.</summary>
    /// <exception cref="ListenException">An address or the certificate is of no use.</exception>
    public static void Add(WebApplicationBuilder builder, StreamScorerOptions options)
    {
        // Told now, not by a stack trace from within the start.
        ApiListeners.RequireFree(options.Api);
        // The framework would log paths and queries, which carry lead ids and, from careless callers, keys.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.None);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => ApiListeners.Configure(kestrel, options.Api));
        var services = builder.Services;
        services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemory>();
        services.AddSingleton<ApiMetrics>();
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<HealthStatus>();
        services.AddSingleton<ManagementPort>();
        services.TryAddSingleton<ReadApiKeys>(provider => ct => ApiKeyTable.ReadAsync(provider.GetRequiredService<NpgsqlDataSource>(), ct));
        services.AddSingleton<ApiKeyStore>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeyStore>());
        services.AddSingleton<ApiKeyGate>();
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<ServedModels>();
        services.AddSingleton<ApiScoreSink>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiScoreSink>());
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<ScoreEndpoints>();
        services.AddSingleton<HotLeadsEndpoint>();
        AddPages(services);
        services.AddSingleton<LeadHistory>();
        services.AddSingleton<ExactReasons>();
        services.AddSingleton<LeadEndpoints>();
        services.AddSingleton<ModelEndpoints>();
        OpenApiDocuments.Add(services);
        services.AddSingleton<OutcomesEndpoints>();
        services.AddSingleton<QualityEndpoints>();
        services.AddRequestTimeouts(limits => limits.AddPolicy(TimeLimit, new RequestTimeoutPolicy
        {
            Timeout = options.Api.RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        }));
        if (options.Api.CorsOrigins.Length > 0)
            services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
                .WithOrigins(options.Api.CorsOrigins.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                .WithMethods("GET", "POST").WithHeaders(ApiKeyGate.Header, "Authorization", "Content-Type")));
    }

    private static void AddPages(IServiceCollection services)
    {
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionEndpoints>();
        services.AddSingleton<StreamMeters>();
        services.AddSingleton<StreamHistory>();
        services.AddSingleton<StreamOverview>();
        services.AddSingleton<StreamStatusEndpoints>();
        services.AddSingleton<LiveFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveFeed>());
        services.AddSingleton<LiveEndpoints>();
        services.AddSingleton<ModelReportEndpoint>();
    }

    /// <summary>Puts the request's way together and maps every endpoint group.</summary>
    public static void Use(WebApplication app, StreamScorerOptions options)
    {
        var services = app.Services;
        services.GetRequiredService<ServedModels>().LoadFolder();
        if (options.Api.CorsOrigins.Length > 0)
            app.UseCors();
        services.GetRequiredService<ApiMetrics>().ObserveWaitingRows(() => services.GetRequiredService<ApiScoreSink>().WaitingRows);
        var pipeline = services.GetRequiredService<ApiPipeline>();
        app.Use(next => context => pipeline.InvokeAsync(context, next));
        app.UseRequestTimeouts();
        PageEndpoints.Map(app);
        services.GetRequiredService<HealthEndpoints>().Map(app);
        services.GetRequiredService<ScoreEndpoints>().Map(app);
        services.GetRequiredService<HotLeadsEndpoint>().Map(app);
        services.GetRequiredService<SessionEndpoints>().Map(app);
        services.GetRequiredService<StreamStatusEndpoints>().Map(app);
        services.GetRequiredService<LiveEndpoints>().Map(app);
        services.GetRequiredService<LeadEndpoints>().Map(app);
        services.GetRequiredService<ModelEndpoints>().Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
        services.GetRequiredService<OutcomesEndpoints>().Map(app);
        services.GetRequiredService<QualityEndpoints>().Map(app);
        services.GetRequiredService<ModelReportEndpoint>().Map(app);
    }

    /// <summary>Starts everything; a port that is taken is told in one sentence.</summary>
    /// <exception cref="ListenException">An address is taken or not this machine's.</exception>
    public static async Task StartAsync(WebApplication app, StreamScorerOptions options, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            var why = exception.InnerException is AddressInUseException ? "is in use" : $"cannot be listened at ({exception.Message})";
            throw new ListenException(
                $"An address of the HTTP API {why}: Api:Urls={options.Api.Urls}, Api:ManagementUrls={options.Api.ManagementUrls}. "
                + "Choose others (port 0 takes a free one), or run without the API: --Api:Enabled=false");
        }

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var open = ApiListeners.Addresses("Api:Urls", options.Api.Urls).Count;
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("StreamScorer.Api");
        log.ApiListens(string.Join(", ", addresses.Take(open)), string.Join(", ", addresses.Skip(open)));
    }
}
