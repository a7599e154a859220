using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Api.Sessions;

namespace StreamScorer.App.Api;

/// <summary>
/// <c>/api/v1/session</c>: a browser logs in with an API key or with the token of a one-time link, asks who it is, and
/// logs out. The key goes over the wire once; afterwards the browser holds a cookie that no script can read.
/// </summary>
internal sealed class SessionEndpoints(SessionStore sessions, ApiKeyGate gate)
{
    private const int MostBodyBytes = 1024;

    /// <summary>Maps the endpoints. They need no key: they are where one is shown.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation("GET", "/api/v1/session", TellAsync, ApiOperations.Session);
        routes.MapOperation("POST", "/api/v1/session", OpenAsync, ApiOperations.OpenSession);
        routes.MapOperation("DELETE", "/api/v1/session", CloseAsync, ApiOperations.CloseSession);
    }

    private async Task TellAsync(HttpContext context)
    {
        // That nobody is logged in is an answer, not an error: a page asks before it knows.
        var session = await sessions.FindAsync(context.Request).ConfigureAwait(false);
        var key = session is null ? null : gate.Working(session.KeyId);
        var scopes = ApiScopes.ByName.Where(scope => key?.Scopes.HasFlag(scope.Value) == true).Select(scope => scope.Key);
        await context.Response.WriteAsJsonAsync(
            new SessionAnswer(key?.Name, scopes, key is null ? null : session!.ExpiresAt), JsonNames, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task OpenAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        if (await ReadAsync(context).ConfigureAwait(false) is not { } credentials)
            return;
        var key = credentials switch
        {
            { Key: { } text } => await gate.ProveAsync(text, ct).ConfigureAwait(false),
            { Token: { } token } => await sessions.RedeemAsync(token, ct).ConfigureAwait(false) is { } id
                ? await gate.WorkingAsync(id, ct).ConfigureAwait(false)
                : null,
            _ => null,
        };
        if (key is null)
        {
            gate.NoteRefusal(context, credentials.Token is null ? "log-in with an unknown key" : "log-in with a spent token");
            await Problem.WriteAsync(context, ProblemKind.NoKey, credentials.Token is null
                ? "This key is not valid, or no longer."
                : "This link was used already or is too old. Log in with an API key.").ConfigureAwait(false);
            return;
        }

        SessionCookie.Write(context, await sessions.OpenAsync(key, context.TraceIdentifier, ct).ConfigureAwait(false));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task CloseAsync(HttpContext context)
    {
        if (!SessionCookie.MayBeUsed(context.Request))
        {
            await Problem.WriteAsync(context, ProblemKind.WrongScope, "Only the service's own pages may log out.").ConfigureAwait(false);
            return;
        }

        await sessions.CloseAsync(context.Request).ConfigureAwait(false);
        SessionCookie.Delete(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Only JSON from our own pages: another site's form cannot log a browser in as somebody else.
    private static async Task<Credentials?> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            await Problem.WriteAsync(context, ProblemKind.WrongMediaType, "Send application/json.").ConfigureAwait(false);
            return null;
        }

        if (!SessionCookie.MayBeUsed(request))
        {
            await Problem.WriteAsync(context, ProblemKind.WrongScope, "Only the service's own pages may log in.").ConfigureAwait(false);
            return null;
        }

        try
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = MostBodyBytes;
            var body = await JsonSerializer.DeserializeAsync<Credentials>(request.Body, JsonNames, context.RequestAborted).ConfigureAwait(false);
            if (body is { Key: not null } or { Token: not null })
                return body;
        }
        catch (JsonException)
        {
            // Told below.
        }

        await Problem.WriteAsync(context, ProblemKind.Malformed, """Send {"key": "…"} or {"token": "…"}.""").ConfigureAwait(false);
        return null;
    }

    private static readonly JsonSerializerOptions JsonNames = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

/// <summary>What a browser logs in with.</summary>
/// <param name="Key">An API key; or</param>
/// <param name="Token">the token of a link that logs in once.</param>
internal sealed record Credentials(string? Key = null, string? Token = null);

/// <summary>Who is logged in.</summary>
/// <param name="Name">Of the key; null: nobody.</param>
/// <param name="Scopes">What the session may do.</param>
/// <param name="ExpiresAt">When the browser has to log in again.</param>
internal sealed record SessionAnswer(string? Name, IEnumerable<string> Scopes, DateTimeOffset? ExpiresAt);
