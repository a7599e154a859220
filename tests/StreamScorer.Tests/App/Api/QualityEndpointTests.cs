using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using StreamScorer.App.Alerts;
using StreamScorer.App.Api.Keys;
using StreamScorer.Features;
using StreamScorer.Scoring;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;
using StreamScorer.Tests.Scoring;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>Quality, alerts and outcomes over real HTTP.</summary>
public sealed class QualityEndpointTests
{
    [Fact]
    public async Task Data_quality_is_told_by_window_once_there_is_enough()
    {
        await using var service = await ApiService.StartAsync();
        Assert.Empty((await service.GetAsync("/api/v1/quality/data")).Json["models"]!.AsArray());
        Observe(service, rows: 1200);
        var answer = await service.GetAsync("/api/v1/quality/data?window=24h");
        Assert.Equal((HttpStatusCode.OK, "24h"), (answer.Status, (string)answer.Json["window"]!));
        var model = answer.Json["models"]!.AsArray().Single()!;
        Assert.Equal((1200, service.Model.Id), ((int)model["rows"]!, (string)model["model_id"]!));
        Assert.Equal(service.Model.Schema.Count, model["features"]!.AsArray().Count);
        Assert.NotNull(model["features"]![0]!["population_stability_index"]);
        Assert.Equal(20, model["scores"]!["shares"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await service.GetAsync("/api/v1/quality/data?window=2h")).Status);
    }

    [Fact]
    public async Task Model_quality_is_that_of_the_last_join()
    {
        await using var service = await ApiService.StartAsync();
        service.Services.GetRequiredService<OutcomeMetrics>().Models = ModelQuality.Of(
            [new ScoredOutcome("m", "0123456789abcdef", 0.9, 5, true), new ScoredOutcome("m", "0123456789abcdef", 0.1, 1, false)]);
        var model = (await service.GetAsync("/api/v1/quality/models")).Json["models"]!.AsArray().Single()!;
        Assert.Equal((2, 1.0), ((int)model["rows"]!, (double)model["auc_roc"]!));
        Assert.Equal(("A", 1), ((string)model["buckets"]![0]!["tier"]!, (int)model["buckets"]![0]!["leads"]!));
    }

    [Fact]
    public async Task Alerts_are_those_that_are_on()
    {
        await using var service = await ApiService.StartAsync(options => options.Alerts.PatienceFactor = 0);
        Assert.Empty((await service.GetAsync("/api/v1/alerts")).Json["alerts"]!.AsArray());
        service.Services.GetRequiredService<Readiness>().Down(Readiness.Kafka, "no broker answers");
        await service.Services.GetRequiredService<AlertWorker>().LookAsync(null, default);
        var alerts = (await service.GetAsync("/api/v1/alerts")).Json["alerts"]!.AsArray();
        Assert.Contains(alerts, alert => ((string)alert!["name"]!, (string)alert["subject"]!, (string)alert["severity"]!) == ("StreamScorerNotReady", "Kafka", "critical"));
    }

    [Fact]
    public async Task Scopes_are_asked_for()
    {
        await using var service = await ApiService.StartAsync();
        var leads = await service.AddKeyAsync(ApiScope.LeadsRead);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("/api/v1/quality/models", leads)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("/api/v1/outcomes", "{}"u8.ToArray(), leads)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync("/api/v1/alerts", "")).Status);
    }

    [Fact]
    public async Task Every_fault_of_outcomes_is_told_at_once_and_no_value()
    {
        await using var service = await ApiService.StartAsync();
        var answer = await service.PostAsync(
            "/api/v1/outcomes",
            Encoding.UTF8.GetBytes("""{"outcomes":[{"lead_id":"a","converted":true},{"lead_id":"secret","converted":"yes"},7,{"converted":true}]}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal(["$.outcomes[1]", "$.outcomes[2]", "$.outcomes[3]"], answer.Json["errors"]!.AsArray().Select(error => (string)error!["path"]!));
        Assert.DoesNotContain("secret", answer.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.PostAsync("/api/v1/outcomes", "nonsense"u8.ToArray())).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await service.PostAsync("/api/v1/outcomes", "{}"u8.ToArray(), mediaType: "text/plain")).Status);
        // Good outcomes need the database, which this service has not.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.PostAsync("/api/v1/outcomes", """{"lead_id":"a","converted":true}"""u8.ToArray())).Status);
    }

    private static void Observe(ApiService service, int rows)
    {
        var scored = new ScoredBatch();
        for (var i = 0; i < rows; i++)
        {
            scored.Add(i, i, 0, default(DecodedEvent));
            scored.Events[i].Probability = i / (double)rows;
        }

        var model = new ScoringModel("lead-scoring", service.Model);
        service.Services.GetRequiredService<DataQuality>().Observe(model, SmallModels.Rows(model.Schema, rows, seed: 3), scored);
    }
}
