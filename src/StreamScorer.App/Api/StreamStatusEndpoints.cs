using StreamScorer.App.Api.Live;
using StreamScorer.App.Api.OpenApi;

namespace StreamScorer.App.Api;

/// <summary><c>GET /api/v1/stream</c>: throughput, lag, latency, errors, checkpoints and readiness, with the last 15 minutes.</summary>
internal sealed class StreamStatusEndpoints(StreamOverview overview)
{
    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapOperation("GET", "/api/v1/stream", AnswerAsync, ApiOperations.Stream);

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await overview.WriteAsync(withHistory: true, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
