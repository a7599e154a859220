using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using StreamScorer.App.Api.Quality;
using StreamScorer.IntegrationTests.Sinks;
using StreamScorer.Telemetry.Outcomes;
using Xunit;

namespace StreamScorer.IntegrationTests.Outcomes;

/// <summary>Outcomes by HTTP into a real PostgreSQL.</summary>
public class OutcomesEndpointTests
{
    [RequiresServicesFact]
    public async Task Outcomes_are_recorded_all_or_nothing_and_twice_is_once()
    {
        await using var database = await SinkDatabase.CreateAsync();
        using var metrics = new OutcomeMetrics();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        new OutcomesEndpoints(database.DataSource, metrics, new StreamScorerOptions(), TimeProvider.System).Map(app);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        const string Good = """{"outcomes":[{"lead_id":"a","converted":true,"occurred_at":"2026-05-01T10:00:00Z"},{"lead_id":"b","converted":false}]}""";
        Assert.Equal((2, 2), await PostAsync(client, """{"outcomes":[{"lead_id":"a","converted":true,"occurred_at":"2026-05-01T10:00:00Z"},{"lead_id":"b","converted":false,"occurred_at":1777629600000}]}"""));
        Assert.Equal((1, 0), await PostAsync(client, """{"lead_id":"a","converted":true,"occurred_at":"2026-05-01T10:00:00Z"}"""));
        using var refused = await client.PostAsync("/api/v1/outcomes", Json(Good.Replace("false", "null", StringComparison.Ordinal).Replace("\"a\"", "\"c\"", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(2, await database.ScalarAsync<long>("select count(*) from lead_outcomes"));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from lead_outcomes where converted and lead_id = 'a'"));
    }

    private static async Task<(int Received, int Changed)> PostAsync(HttpClient client, string body)
    {
        using var answer = await client.PostAsync("/api/v1/outcomes", Json(body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (json.GetProperty("received").GetInt32(), json.GetProperty("changed").GetInt32());
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
