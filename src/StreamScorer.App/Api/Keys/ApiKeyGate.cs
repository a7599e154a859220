using Microsoft.Extensions.Primitives;
using StreamScorer.App.Api.Problems;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Api.Keys;

/// <summary>
/// Lets a request pass to an endpoint that needs a scope: by a key in <c>X-API-Key</c> or as a Bearer token. Says which
/// of the reasons it was only to who holds a real key; a stranger learns nothing, neither by words nor by time.
/// </summary>
internal sealed class ApiKeyGate(ApiKeyStore keys, ApiMetrics metrics, TimeProvider clock, ILogger<ApiKeyGate> log)
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
            await RefuseAsync(context, "no key", HowToGetOne).ConfigureAwait(false);
            return false;
        }

        if (!TryFind(text, out var entry, out var isUnknownId))
        {
            if (isUnknownId)
                await keys.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
            if (!isUnknownId || !TryFind(text, out entry, out _))
            {
                await RefuseAsync(context, "unknown key", $"This key is not valid. {HowToGetOne}").ConfigureAwait(false);
                return false;
            }
        }

        return await TryUseAsync(context, entry!, needed).ConfigureAwait(false);
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
            await Problem.WriteAsync(context, ProblemKind.WrongScope, $"This needs a key with the scope {ApiScopes.NameOf(needed)}.")
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

        context.Features.Set(entry.Key);
        return true;
    }

    private bool TryFind(string text, out ApiKeyEntry? entry, out bool isUnknownId)
    {
        Span<byte> hash = stackalloc byte[32];
        entry = null;
        isUnknownId = false;
        if (!ApiKeyText.TryParse(text, out var id, hash))
            return false;
        isUnknownId = !keys.TryGet(id, out entry);
        if (!isUnknownId)
            return entry!.Key.IsProvedBy(hash);
        System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(Nothing, hash);
        return false;
    }

    private Task RefuseAsync(HttpContext context, string reason, string detail, string? keyId = null)
    {
        Note(context, reason, keyId);
        return Problem.WriteAsync(context, ProblemKind.NoKey, detail);
    }

    private void Note(HttpContext context, string reason, string? keyId)
    {
        metrics.Refused(reason);
        _refusals.Note(reason, keyId, context.TraceIdentifier);
    }

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
