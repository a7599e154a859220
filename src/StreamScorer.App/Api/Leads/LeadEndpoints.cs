using System.Text.Json;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Leads;

namespace StreamScorer.App.Api.Leads;

/// <summary>
/// <c>GET /api/v1/leads/{id}</c>: the lead as agents see it. <c>GET /api/v1/leads/{id}/score</c>: its current score, exact
/// reasons, and earlier scores. Every read of a lead is in the audit log before it is answered.
/// </summary>
internal sealed class LeadEndpoints(NpgsqlDataSource dataSource, LeadHistory history, ExactReasons reasons)
{
    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation("GET", "/api/v1/leads/{id}", ReadAsync, ApiOperations.Lead);
        routes.MapOperation("GET", "/api/v1/leads/{id}/score", ReadScoreAsync, ApiOperations.LeadScore);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        var lead = await FindAsync(context, "leads.read", ct).ConfigureAwait(false);
        if (lead is null)
        {
            await NotFoundAsync(context).ConfigureAwait(false);
            return;
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            LeadsJson.WriteFields(json, lead);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task ReadScoreAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        var lead = await FindAsync(context, "leads.score", ct).ConfigureAwait(false);
        var scores = await history.ReadAsync(Id(context), ct).ConfigureAwait(false);
        if (lead is null && scores.Scores.Count == 0)
        {
            await NotFoundAsync(context).ConfigureAwait(false);
            return;
        }

        await JsonAnswer.WriteAsync(context, json => WriteScore(json, Id(context), lead, scores)).ConfigureAwait(false);
    }

    private void WriteScore(Utf8JsonWriter json, string id, Lead? lead, LeadScores scores)
    {
        json.WriteStartObject();
        json.WriteString("lead_id", id);
        json.WritePropertyName("current");
        if (lead is not null)
            WriteCurrent(json, lead);
        else
            WriteHistoric(json, scores.Scores[0]);
        json.WriteStartArray("history");
        foreach (var score in scores.Scores)
            WriteHistoric(json, score);
        json.WriteEndArray();
        json.WriteNumber("history_files_read", scores.FilesRead);
        json.WriteBoolean("history_complete", scores.IsComplete);
        json.WriteEndObject();
    }

    private void WriteCurrent(Utf8JsonWriter json, Lead lead)
    {
        var exact = reasons.Of(lead);
        json.WriteStartObject();
        json.WriteNumber("probability", lead.Probability);
        json.WriteNumber("score", lead.Bucket);
        json.WriteString("tier", lead.Tier);
        json.WriteBoolean("hot", lead.CooledAt is null);
        json.WriteString("model", lead.ModelName);
        json.WriteString("model_version", lead.ModelId);
        json.WriteString("scored_at", DateTime.SpecifyKind(lead.LastScoredAt, DateTimeKind.Utc));
        json.WriteString("reasons_method", exact is not null ? "tree_shap" : lead.Reasons is not null ? "path" : "none");
        JsonAnswer.WriteRaw(json, "reasons", exact ?? lead.Reasons);
        json.WriteEndObject();
    }

    private static void WriteHistoric(Utf8JsonWriter json, HistoricScore score)
    {
        json.WriteStartObject();
        json.WriteNumber("probability", score.Probability);
        json.WriteNumber("score", score.Bucket);
        json.WriteString("tier", score.Tier);
        json.WriteBoolean("hot", score.Hot);
        json.WriteString("model", score.ModelName);
        json.WriteString("model_version", score.ModelId);
        json.WriteString("scored_at", DateTime.UnixEpoch.AddMicroseconds(score.ScoredAtMicros));
        json.WriteString("reasons_method", score.Reasons is null ? "none" : "path");
        JsonAnswer.WriteRaw(json, "reasons", score.Reasons);
        json.WriteEndObject();
    }

    private async Task<Lead?> FindAsync(HttpContext context, string action, CancellationToken ct)
    {
        if (Id(context) is not { Length: <= 256 } id || id.Contains('\0', StringComparison.Ordinal))
            return null;
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        var key = context.Features.Get<ApiKey>()!;
        await AuditLog.WriteAsync(
            connection, new AuditEntry(key.Name, action, id) { KeyId = key.Id, RequestId = context.TraceIdentifier }, ct).ConfigureAwait(false);
        return await LeadQuery.FindAsync(connection, id, ct).ConfigureAwait(false);
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static Task NotFoundAsync(HttpContext context) => Problem.WriteAsync(
        context, ProblemKind.NotFound, "No score of this lead is known. Leads are kept here from the first time that they are hot.");
}
