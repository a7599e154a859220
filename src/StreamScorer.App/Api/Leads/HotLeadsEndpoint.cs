using System.Text.Json;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Leads;

namespace StreamScorer.App.Api.Leads;

/// <summary><c>GET /api/v1/leads/hot</c>: whom to call next, and why; as JSON or CSV, page by page.</summary>
internal sealed class HotLeadsEndpoint(NpgsqlDataSource dataSource)
{
    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapOperation("GET", "/api/v1/leads/hot", AnswerAsync, ApiOperations.HotLeads);

    private async Task AnswerAsync(HttpContext context)
    {
        if (!HotLeadsQuery.TryRead(context.Request, out var query, out var faults))
        {
            await Problem.WriteAsync(context, ProblemKind.InvalidValues, "Parameters of the query are not allowed.", faults).ConfigureAwait(false);
            return;
        }

        var ct = context.RequestAborted;
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        // One more than asked for tells whether another page follows.
        var leads = (await LeadQuery.ReadAsync(connection, query.Filter with { Top = query.Limit + 1 }, ct).ConfigureAwait(false)).ToList();
        var next = leads.Count > query.Limit ? LeadCursor.After(leads[query.Limit - 1], query.Filter.Order).ToText() : null;
        if (next is not null)
            leads.RemoveAt(query.Limit);
        var key = context.Features.Get<ApiKey>()!;
        await AuditLog.WriteAsync(connection, new AuditEntry(key.Name, "leads.list", "leads/hot")
        {
            KeyId = key.Id,
            RequestId = context.TraceIdentifier,
            Detail = JsonSerializer.Serialize(new { leads = leads.Count, limit = query.Limit, continued = query.Filter.After is not null }),
        }, ct).ConfigureAwait(false);
        if (next is not null)
            context.Response.Headers.Link = $"<{NextPage(context.Request, next)}>; rel=\"next\"";
        if (query.AsCsv)
            await LeadsCsv.WriteAsync(context.Response, leads, ct).ConfigureAwait(false);
        else
            await LeadsJson.WriteListAsync(context.Response, leads, next, ct).ConfigureAwait(false);
    }

    private static string NextPage(HttpRequest request, string cursor) =>
        request.Path + QueryString.Create(request.Query
            .Where(parameter => !parameter.Key.Equals("cursor", StringComparison.Ordinal))
            .SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value))
            .Append(KeyValuePair.Create("cursor", (string?)cursor))).ToString();
}
