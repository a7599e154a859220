using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Live;

namespace StreamScorer.App.Api;

/// <summary><c>GET /api/v1/stream</c>: throughput, lag, latency, errors, checkpoints and readiness, with the last 15 minutes.</summary>
internal sealed class StreamStatusEndpoints(StreamOverview overview)
{
    /// <summary>Whoever may read leads or models may see how the stream does: there is nobody's data in it.</summary>
    public static readonly NeedsScope Scope = new(ApiScope.LeadsRead | ApiScope.ModelsRead);

    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/stream", AnswerAsync).WithMetadata(Scope);

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await overview.WriteAsync(withHistory: true, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
