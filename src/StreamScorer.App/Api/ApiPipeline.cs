using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Problems;
using StreamScorer.Sinks;

namespace StreamScorer.App.Api;

/// <summary>
/// What every request passes: its headers, its key, its measure, and an answer in words where something below it failed.
/// </summary>
internal sealed class ApiPipeline(
    ApiKeyGate gate, ManagementPort management, ApiMetrics metrics, TimeProvider clock, ILogger<ApiPipeline> log)
{
    private const string AnswerRules = "default-src 'none'; frame-ancestors 'none'";
    private const string PageRules = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    // A dependency that is away or slow is asked again no sooner.
    private static readonly TimeSpan WhenAgain = TimeSpan.FromSeconds(5);

    /// <summary>The middleware.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers, isPage: context.GetEndpoint()?.Metadata.GetMetadata<NeedsScope>() is null);
        if (ApiConnection.Of(context) is { IsManagement: true })
        {
            await management.AnswerAsync(context).ConfigureAwait(false);
            return;
        }

        var began = clock.GetTimestamp();
        metrics.Began();
        try
        {
            await AnswerAsync(context, next).ConfigureAwait(false);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            metrics.Ended(Method(context.Request.Method), route, context.Response.StatusCode, clock.GetElapsedTime(began).TotalSeconds);
        }
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            var needed = context.GetEndpoint()?.Metadata.GetMetadata<NeedsScope>();
            if (needed is null || await gate.TryPassAsync(context, needed.Scope).ConfigureAwait(false))
                await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await ExplainAsync(context, context.Response.StatusCode).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await ExplainAsync(context, exception.StatusCode).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            if (SinkErrors.IsTransient(exception))
            {
                await Problem.WriteAsync(
                    context, ProblemKind.NotReady, $"{SinkErrors.DependencyOf(exception) ?? "A dependency"} does not answer.", null,
                    WhenAgain).ConfigureAwait(false);
                return;
            }

            using var trace = CallerTrace.Enter(context);
            log.ApiRequestFailed(context.TraceIdentifier, exception.GetType().Name, exception);
            await Problem.WriteAsync(
                context, ProblemKind.Internal, "The failure is in the service's log under this request's id.").ConfigureAwait(false);
        }
    }

    private static Task ExplainAsync(HttpContext context, int status)
    {
        var kind = ProblemKind.Of(status);
        var retryAfter = kind == ProblemKind.NotReady ? WhenAgain : (TimeSpan?)null;
        return Problem.WriteAsync(context, kind, kind.Status switch
        {
            404 => "The paths are described at /openapi/v1.json.",
            405 => $"Allowed here: {context.Response.Headers.Allow}.",
            408 => "The request did not arrive in time.",
            415 => "Send the body as application/json.",
            413 => "The body or the headers are larger than the service takes.",
            503 => "The answer was not there in time: something that the service depends on is slow.",
            _ => "The request is not one that the service understands.",
        }, null, retryAfter);
    }

    // What a browser may do with a page matters only where there may be one.
    private static void SetHeaders(IHeaderDictionary headers, bool isPage)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = isPage ? PageRules : AnswerRules;
        if (!isPage)
            return;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
    }

    // A method may be any word; a label may not.
    private static string Method(string method) => method switch
    {
        "GET" or "POST" or "HEAD" or "OPTIONS" or "PUT" or "DELETE" or "PATCH" => method,
        _ => "_OTHER",
    };
}
