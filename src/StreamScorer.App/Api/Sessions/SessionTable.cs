using Dapper;
using Npgsql;

namespace StreamScorer.App.Api.Sessions;

/// <summary>Sessions and one-time links in PostgreSQL, by the hashes of their secrets.</summary>
internal static class SessionTable
{
    /// <summary>Opens a session, and clears away those that are over.</summary>
    public static Task OpenAsync(NpgsqlConnection connection, byte[] hash, string keyId, CancellationToken ct) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            delete from api_sessions where expires_at < now();
            insert into api_sessions (session_hash, key_id, expires_at) values (@hash, @keyId, now() + @lifetime);
            """, new { hash, keyId, lifetime = Session.Lifetime }, cancellationToken: ct));

    /// <summary>The session with this hash; null where there is none that still holds.</summary>
    public static async Task<Session?> FindAsync(NpgsqlConnection connection, byte[] hash, CancellationToken ct)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(string KeyId, DateTime ExpiresAt)?>(new CommandDefinition(
            "select key_id, expires_at from api_sessions where session_hash = @hash and expires_at > now()",
            new { hash }, cancellationToken: ct)).ConfigureAwait(false);
        return row is { } found ? new Session(found.KeyId, new DateTimeOffset(found.ExpiresAt, TimeSpan.Zero)) : null;
    }

    /// <summary>Ends a session.</summary>
    public static Task CloseAsync(NpgsqlConnection connection, byte[] hash, CancellationToken ct) =>
        connection.ExecuteAsync(new CommandDefinition(
            "delete from api_sessions where session_hash = @hash", new { hash }, cancellationToken: ct));

    /// <summary>Makes the token of a link that logs in once, as a key.</summary>
    /// <returns>The token; this is the only time that anybody sees it.</returns>
    public static async Task<string> CreateLoginTokenAsync(NpgsqlConnection connection, string keyId, TimeSpan lifetime, CancellationToken ct)
    {
        var token = SessionSecret.Create();
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into api_login_tokens (token_hash, key_id, expires_at) values (@hash, @keyId, now() + @lifetime)",
            new { hash = SessionSecret.HashOf(token), keyId, lifetime }, cancellationToken: ct)).ConfigureAwait(false);
        return token;
    }

    /// <summary>Uses a token up; null where there is none, or none any more.</summary>
    /// <returns>The id of the key that it logs in as.</returns>
    public static Task<string?> RedeemAsync(NpgsqlConnection connection, byte[] hash, CancellationToken ct) =>
        connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            """
            with used as (delete from api_login_tokens where token_hash = @hash or expires_at < now() returning *)
            select key_id from used where token_hash = @hash and expires_at > now()
            """, new { hash }, cancellationToken: ct));
}
