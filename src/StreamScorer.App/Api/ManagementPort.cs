using StreamScorer.App.Api.Problems;

namespace StreamScorer.App.Api;

/// <summary>Answers on the management port: metrics, and health with its reasons. No keys: it listens where only operators come.</summary>
internal sealed class ManagementPort(HealthStatus health, PrometheusText metrics)
{
    /// <summary>Answers.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await Problem.WriteAsync(context, ProblemKind.WrongMethod, "The management port is only read.").ConfigureAwait(false);
        }
        else if (path == "/metrics")
        {
            await WriteAsync(context, PrometheusText.MediaType, metrics.Collect()).ConfigureAwait(false);
        }
        else if (Question(path) is { } question && health.Answer(question) is { } isWell)
        {
            context.Response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            await WriteAsync(context, "application/json", HealthEndpoints.Detail(health, question)).ConfigureAwait(false);
        }
        else
        {
            await Problem.WriteAsync(
                context, ProblemKind.NotFound, "The management port has /metrics, /health, /startup, /live and /ready.").ConfigureAwait(false);
        }
    }

    private static string? Question(string path) =>
        path.StartsWith("/health/", StringComparison.Ordinal) ? path["/health/".Length..] : path.Length > 1 ? path[1..] : null;

    private static async Task WriteAsync(HttpContext context, string mediaType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
