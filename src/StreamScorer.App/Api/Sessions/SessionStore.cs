using System.Collections.Concurrent;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.Sinks;

namespace StreamScorer.App.Api.Sessions;

/// <summary>
/// Open sessions. What was read from the database holds for <see cref="ApiOptions.KeyRefresh"/>, and on while the database
/// is away: an agent's page does not lose its session to an outage.
/// </summary>
internal sealed class SessionStore(NpgsqlDataSource dataSource, StreamScorerOptions options, TimeProvider clock) : IDisposable
{
    private const int MostKnown = 10_000;

    // A cookie that nobody knows costs a query; so many a second may be tried, whoever tries them.
    private const int LookupsPerSecond = 200;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly KeyRate _lookups = new(LookupsPerSecond);

    /// <summary>The session of a request's cookie; null where it has none that holds.</summary>
    public async ValueTask<Session?> FindAsync(HttpRequest request)
    {
        if (SessionSecret.HashOf(SessionCookie.Read(request)) is not { } hash)
            return null;
        var name = Convert.ToHexString(hash);
        var isKnown = _known.TryGetValue(name, out var known);
        if (isKnown && clock.GetElapsedTime(known!.ReadAt) < options.Api.KeyRefresh)
            return Valid(known.Session);
        if (!isKnown && !_lookups.TryTake(out _))
            return null;
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(request.HttpContext.RequestAborted).ConfigureAwait(false);
            return Remember(name, await SessionTable.FindAsync(connection, hash, request.HttpContext.RequestAborted).ConfigureAwait(false));
        }
        catch (Exception exception) when (isKnown && SinkErrors.IsTransient(exception))
        {
            return Valid(known!.Session);
        }
    }

    /// <summary>Opens a session for a key.</summary>
    /// <returns>The secret for the cookie.</returns>
    public async Task<string> OpenAsync(ApiKey key, string requestId, CancellationToken ct)
    {
        var secret = SessionSecret.Create();
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        await SessionTable.OpenAsync(connection, SessionSecret.HashOf(secret)!, key.Id, ct).ConfigureAwait(false);
        await AuditLog.WriteAsync(
            connection, new AuditEntry(key.Name, "session.open", key.Id) { KeyId = key.Id, RequestId = requestId }, ct).ConfigureAwait(false);
        return secret;
    }

    /// <summary>Ends the session of a request's cookie, here at once and elsewhere within <see cref="ApiOptions.KeyRefresh"/>.</summary>
    public async Task CloseAsync(HttpRequest request)
    {
        if (SessionSecret.HashOf(SessionCookie.Read(request)) is not { } hash)
            return;
        _known.TryRemove(Convert.ToHexString(hash), out _);
        await using var connection = await dataSource.OpenConnectionAsync(request.HttpContext.RequestAborted).ConfigureAwait(false);
        await SessionTable.CloseAsync(connection, hash, request.HttpContext.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Uses up the token of a link that logs in once.</summary>
    /// <returns>The id of the key that it logs in as; null where the token is of no use.</returns>
    public async Task<string?> RedeemAsync(string token, CancellationToken ct)
    {
        if (SessionSecret.HashOf(token) is not { } hash || !_lookups.TryTake(out _))
            return null;
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        return await SessionTable.RedeemAsync(connection, hash, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _lookups.Dispose();

    private Session? Remember(string name, Session? session)
    {
        if (session is null)
        {
            _known.TryRemove(name, out _);
            return null;
        }

        if (_known.Count >= MostKnown)
            _known.Clear();
        _known[name] = new Known(session, clock.GetTimestamp());
        return session;
    }

    private Session? Valid(Session session) => session.ExpiresAt > clock.GetUtcNow() ? session : null;

    private sealed record Known(Session Session, long ReadAt);
}
