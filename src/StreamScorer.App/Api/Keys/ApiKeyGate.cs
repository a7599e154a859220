using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Api.Sessions;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Api.Keys;

/// <summary>
/// Lets a request pass to an endpoint that needs a scope: by a key in <c>X-API-Key</c> or as a Bearer token, or by the
/// session of a browser, which may do what the key may that it logged in with. Says which
/// of the reasons it was only to who holds a real key; a stranger learns nothing, neither by words nor by time.
/// </summary>
internal sealed class ApiKeyGate(
    ApiKeyStore keys, SessionStore sessions, ApiMetrics metrics, TimeProvider clock, ILogger<ApiKeyGate> log)
{
    /// <summary>The header that carries a key.</summary>
    public const string Header = "X-API-Key";

    private const string HowToGetOne =
        "Send an API key in the header X-API-Key. An operator makes one with: ./streamscorer keys create --name NAME --scope SCOPE";

    // Compared with when the id is unknown, so that unknown ids take as long as known ones. No secret hashes to it.
    private static readonly byte[] Nothing = new byte[32];

    private readonly RefusalLog _refusals = new(clock, log);

    /// <summary>Checks the request's key; false: the answer has been written.</summary>
    public async ValueTask<bool> TryPassAsync(HttpContext context, ApiScope needed)
    {
        if (context.Request.QueryString.HasValue && HasKey(context.Request.QueryString.Value!))
        {
            await RefuseAsync(context, "key in the URL",
                "A key never belongs in a URL, where proxies and logs keep it. Treat this key as known to others: revoke it.")
                .ConfigureAwait(false);
            return false;
        }

        var text = KeyOf(context.Request.Headers);
        if (text is null)
        {
            if (await sessions.FindAsync(context.Request).ConfigureAwait(false) is { } session)
                return await TryUseSessionAsync(context, session, needed).ConfigureAwait(false);
            await RefuseAsync(context, "no key", HowToGetOne).ConfigureAwait(false);
            return false;
        }

        var shown = ApiConnection.Of(context) is { } connection ? connection.Parse(text) : ApiKeyText.TryParse(text);
        if (await FindAsync(shown, context.RequestAborted).ConfigureAwait(false) is not { } entry)
        {
            await RefuseAsync(context, "unknown key", $"This key is not valid. {HowToGetOne}").ConfigureAwait(false);
            return false;
        }

        return await TryUseAsync(context, entry, needed).ConfigureAwait(false);
    }

    /// <summary>The key that a text proves; null where it proves none, or one that does not work now.</summary>
    public async ValueTask<ApiKey?> ProveAsync(string text, CancellationToken ct) =>
        await FindAsync(ApiKeyText.TryParse(text), ct).ConfigureAwait(false) is { Key: var key } && key.WhyNot(clock.GetUtcNow()) is null ? key : null;

    /// <summary>The key with an id that the service itself has kept; null where it does not work now.</summary>
    public ApiKey? Working(string id) => keys.TryGet(id, out var entry) && entry.Key.WhyNot(clock.GetUtcNow()) is null ? entry.Key : null;

    /// <summary>The same for a key that may have been made a moment ago.</summary>
    public async ValueTask<ApiKey?> WorkingAsync(string id, CancellationToken ct)
    {
        if (!keys.TryGet(id, out _))
            await keys.RefreshAsync(ct).ConfigureAwait(false);
        return Working(id);
    }

    /// <summary>Counts and logs a refusal that an endpoint has decided.</summary>
    public void NoteRefusal(HttpContext context, string reason) => Note(context, reason, null);

    // An id that nobody knows may be that of a key made a moment ago.
    private async ValueTask<ApiKeyEntry?> FindAsync(ShownKey? shown, CancellationToken ct)
    {
        if (shown is null)
            return null;
        if (TryFind(shown, out var entry))
            return entry;
        await keys.RefreshAsync(ct).ConfigureAwait(false);
        TryFind(shown, out entry);
        return entry;
    }

    private async ValueTask<bool> TryUseSessionAsync(HttpContext context, Session session, ApiScope needed)
    {
        if (!SessionCookie.MayBeUsed(context.Request))
        {
            Note(context, "session from another site", session.KeyId);
            await Problem.WriteAsync(context, ProblemKind.WrongScope, "A session may change things only from the service's own pages.")
                .ConfigureAwait(false);
            return false;
        }

        if (keys.TryGet(session.KeyId, out var entry))
            return await TryUseAsync(context, entry, needed).ConfigureAwait(false);
        await RefuseAsync(context, "session of an unknown key", HowToGetOne, session.KeyId).ConfigureAwait(false);
        return false;
    }

    private async ValueTask<bool> TryUseAsync(HttpContext context, ApiKeyEntry entry, ApiScope needed)
    {
        if (entry.Key.WhyNot(clock.GetUtcNow()) is { } why)
        {
            await RefuseAsync(context, why, $"This key is {why}. {HowToGetOne}", entry.Key.Id).ConfigureAwait(false);
            return false;
        }

        if (!entry.Key.Scopes.Allows(needed))
        {
            Note(context, "wrong scope", entry.Key.Id);
            await Problem.WriteAsync(context, ProblemKind.WrongScope, $"This needs a key with the scope {ApiScopes.NamesOf(needed)}.")
                .ConfigureAwait(false);
            return false;
        }

        if (!entry.Rate.TryTake(out var retryAfter))
        {
            metrics.Refused("rate limit");
            await Problem.WriteAsync(
                context, ProblemKind.TooManyRequests, $"This key may send {entry.Rate.PerSecond} requests per second.", null, retryAfter)
                .ConfigureAwait(false);
            return false;
        }

        // Who scores is not audited; who reads and changes is.
        if (needed != ApiScope.Score)
            context.Features.Set(entry.Key);
        return true;
    }

    private bool TryFind(ShownKey shown, out ApiKeyEntry? entry)
    {
        var isKnownId = keys.TryGet(shown.Id, out entry);
        if (!isKnownId)
            CryptographicOperations.FixedTimeEquals(Nothing, shown.SecretHash);
        else if (!entry!.Key.IsProvedBy(shown.SecretHash))
            entry = null;
        return isKnownId;
    }

    private Task RefuseAsync(HttpContext context, string reason, string detail, string? keyId = null)
    {
        Note(context, reason, keyId);
        return Problem.WriteAsync(context, ProblemKind.NoKey, detail);
    }

    private void Note(HttpContext context, string reason, string? keyId)
    {
        metrics.Refused(reason);
        using var trace = CallerTrace.Enter(context);
        _refusals.Note(reason, keyId, context.TraceIdentifier);
    }

    /// <summary>Whether a request shows a key by itself, rather than a session.</summary>
    public static bool HasKey(HttpRequest request) => KeyOf(request.Headers) is not null;

    private static string? KeyOf(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(Header, out StringValues own) && own.Count == 1)
            return own[0];
        var bearer = headers.Authorization;
        return bearer.Count == 1 && bearer[0] is { } text && text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? text["Bearer ".Length..]
            : null;
    }

    private static bool HasKey(string query) => query.Contains(ApiKeyText.Prefix, StringComparison.OrdinalIgnoreCase);
}
