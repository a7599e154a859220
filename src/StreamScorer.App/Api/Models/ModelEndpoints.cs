using System.Text.Json;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Api.Scoring;
using StreamScorer.Forests;
using StreamScorer.Scoring;

namespace StreamScorer.App.Api.Models;

/// <summary>Which models serve, what they want to know of a lead, and a reload by hand.</summary>
internal sealed class ModelEndpoints(ServedModels models, PredictionEnginePool pool, NpgsqlDataSource dataSource)
{
    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation("GET", "/api/v1/models", ListAsync, ApiOperations.Models);
        routes.MapOperation("GET", "/api/v1/models/{name}", ReadAsync, ApiOperations.Model);
        routes.MapOperation("POST", "/api/v1/models/{name}/reload", ReloadAsync, ApiOperations.ReloadModel);
    }

    private Task ListAsync(HttpContext context) => JsonAnswer.WriteAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models");
        foreach (var name in models.Names.Order(StringComparer.Ordinal))
        {
            if (!models.TryGet(name, out var model))
                continue;
            json.WriteStartObject();
            WriteSummary(json, model);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private Task ReadAsync(HttpContext context)
    {
        if (!models.TryGet(Name(context), out var model))
            return NotFoundAsync(context);
        return JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            WriteSummary(json, model);
            json.WriteStartArray("features");
            foreach (var feature in model.Schema.Features)
                WriteFeature(json, feature);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private async Task ReloadAsync(HttpContext context)
    {
        var name = Name(context);
        if (!models.TryGet(name, out var before))
        {
            await NotFoundAsync(context).ConfigureAwait(false);
            return;
        }

        var ct = context.RequestAborted;
        var key = context.Features.Get<ApiKey>()!;
        await using (var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false))
        {
            await AuditLog.WriteAsync(connection, new AuditEntry(key.Name, "models.reload", name)
            {
                KeyId = key.Id,
                RequestId = context.TraceIdentifier,
            }, ct).ConfigureAwait(false);
        }

        if (!pool.Reload(name))
        {
            await Problem.WriteAsync(
                context, ProblemKind.Conflict, "The model's file cannot be loaded; the model in memory goes on serving. The log says why.")
                .ConfigureAwait(false);
            return;
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("version", pool.GetModel(name).Id);
            json.WriteBoolean("changed", pool.GetModel(name).Id != before.Id);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private void WriteSummary(Utf8JsonWriter json, ScoringModel model)
    {
        json.WriteString("name", model.Name);
        json.WriteString("version", model.Id);
        json.WriteBoolean("default", model.Name == models.DefaultName);
        json.WriteString("schema", model.Schema.Name);
        json.WriteString("algorithm", model.Forest.Algorithm);
        json.WriteNumber("trees", model.Forest.TreeCount);
        json.WriteNumber("feature_count", model.Schema.Count);
        json.WriteNumber("hot_above", pool.Threshold.Probability);
    }

    private static void WriteFeature(Utf8JsonWriter json, Feature feature)
    {
        json.WriteStartObject();
        json.WriteString("name", feature.ApiName);
        json.WriteString("stream_name", feature.StreamName);
        json.WriteString("kind", feature.Kind.ToString().ToLowerInvariant());
        json.WriteBoolean("required", feature.Required);
        if (feature.Kind == FeatureKind.Categorical)
        {
            json.WriteStartArray("categories");
            foreach (var category in feature.Categories.Skip(Feature.RareCode + 1))
                json.WriteStringValue(category);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static Task NotFoundAsync(HttpContext context) =>
        Problem.WriteAsync(context, ProblemKind.NotFound, "There is no such model; GET /api/v1/models lists them.");
}
