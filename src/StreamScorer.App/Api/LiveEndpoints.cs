using Microsoft.AspNetCore.Http.Features;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Live;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Api.Sessions;

namespace StreamScorer.App.Api;

/// <summary>
/// <c>GET /api/v1/live?topics=leads,stream</c>: server-sent events, once a second. <c>beat</c> always, <c>leads</c> when some
/// turned hot or cooled, <c>totals</c> every five seconds, <c>stream</c> with the state of the stream.
/// </summary>
internal sealed class LiveEndpoints(
    LiveFeed feed, SessionStore sessions, ApiKeyGate gate, NpgsqlDataSource dataSource, StreamScorerOptions options,
    IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapOperation("GET", "/api/v1/live", AnswerAsync, ApiOperations.Live);

    private async Task AnswerAsync(HttpContext context)
    {
        var key = context.Features.Get<ApiKey>()!;
        var topics = TopicsOf(context.Request.Query["topics"].ToString());
        if (topics == LiveTopics.None)
        {
            await Problem.WriteAsync(context, ProblemKind.InvalidValues, "topics takes leads, stream, or both with a comma.").ConfigureAwait(false);
            return;
        }

        if (topics.HasFlag(LiveTopics.Leads) && !key.Scopes.Allows(ApiScope.LeadsRead))
        {
            await Problem.WriteAsync(context, ProblemKind.WrongScope, "Leads need a key with the scope leads:read.").ConfigureAwait(false);
            return;
        }

        using var viewer = feed.TryJoin(topics);
        if (viewer is null)
        {
            await Problem.WriteAsync(
                context, ProblemKind.NotReady, "Too many pages are open on this worker.", null, TimeSpan.FromSeconds(30)).ConfigureAwait(false);
            return;
        }

        if (topics.HasFlag(LiveTopics.Leads))
            await NoteAsync(key, context).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        await SendAsync(context, viewer, key, ending.Token).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, LiveViewer viewer, ApiKey key, CancellationToken ct)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var byCookie = SessionCookie.Read(context.Request) is not null && !ApiKeyGate.HasKey(context.Request);
        var checkedAt = clock.GetTimestamp();
        try
        {
            await context.Response.Body.WriteAsync("retry: 1000\n\n"u8.ToArray(), ct).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(ct).ConfigureAwait(false);
            await foreach (var message in viewer.Messages.ReadAllAsync(ct).ConfigureAwait(false))
            {
                // A page stays open for days; what let it in may end meanwhile.
                if (clock.GetElapsedTime(checkedAt) >= options.Api.KeyRefresh)
                {
                    if (gate.Working(key.Id) is null || (byCookie && await sessions.FindAsync(context.Request).ConfigureAwait(false) is null))
                        return;
                    checkedAt = clock.GetTimestamp();
                }

                await context.Response.Body.WriteAsync(message, ct).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The page was closed, or the worker stops: a drain does not wait for viewers.
        }
    }

    private async Task NoteAsync(ApiKey key, HttpContext context)
    {
        await using var connection = await dataSource.OpenConnectionAsync(context.RequestAborted).ConfigureAwait(false);
        await AuditLog.WriteAsync(
            connection, new AuditEntry(key.Name, "leads.watch", "leads/hot") { KeyId = key.Id, RequestId = context.TraceIdentifier },
            context.RequestAborted).ConfigureAwait(false);
    }

    private static LiveTopics TopicsOf(string text)
    {
        var topics = LiveTopics.None;
        foreach (var word in text.Split(','))
        {
            switch (word)
            {
                case "leads":
                    topics |= LiveTopics.Leads;
                    break;
                case "stream":
                    topics |= LiveTopics.Stream;
                    break;
                default:
                    return LiveTopics.None;
            }
        }

        return topics;
    }
}
