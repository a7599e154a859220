using Dapper;
using Npgsql;

namespace StreamScorer.App.Api.Keys;

/// <summary>A row of <c>api_keys</c> as people see it.</summary>
internal sealed record ApiKeyRow
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string[] Scopes { get; init; }

    public int? RequestsPerSecond { get; init; }

    public DateTime CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public DateTime? RevokedAt { get; init; }

    public string? ReplacedBy { get; init; }
}

/// <summary>The keys in PostgreSQL. Every change leaves a row in the audit log, in the same transaction.</summary>
internal static class ApiKeyTable
{
    /// <summary>Every key, as the service needs it.</summary>
    public static async Task<IReadOnlyList<ApiKey>> ReadAsync(NpgsqlDataSource dataSource, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select key_id, name, secret_hash, scopes, requests_per_second, expires_at, revoked_at from api_keys", connection);
        await using var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        var keys = new List<ApiKey>();
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            keys.Add(new ApiKey(
                reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), ApiScopes.Parse(reader.GetFieldValue<string[]>(3)),
                reader.IsDBNull(4) ? null : reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return keys;
    }

    /// <summary>Every key, as people see it, newest first.</summary>
    public static async Task<IReadOnlyList<ApiKeyRow>> ListAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.QueryAsync<ApiKeyRow>(new CommandDefinition(
            """
            select key_id as Id, name as Name, scopes as Scopes, requests_per_second as RequestsPerSecond, created_at as CreatedAt,
                   created_by as CreatedBy, expires_at as ExpiresAt, revoked_at as RevokedAt, replaced_by as ReplacedBy
            from api_keys order by created_at desc, key_id
            """, cancellationToken: ct)).ConfigureAwait(false)).AsList();

    /// <summary>Makes a key and returns it; this is the only time that anybody sees it whole.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="request">What the key shall be.</param>
    /// <param name="actor">Who makes it, for the audit.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="KeyNotFoundException">The key to be replaced does not exist or works no more.</exception>
    public static async Task<string> CreateAsync(NpgsqlConnection connection, NewApiKey request, string actor, CancellationToken ct)
    {
        var (key, id, hash) = ApiKeyText.Create();
        await using var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into api_keys (key_id, name, secret_hash, scopes, requests_per_second, created_by, expires_at)
            values (@id, @Name, @hash, @scopes, @RequestsPerSecond, @actor, now() + @Lifetime)
            """,
            new { id, request.Name, hash, scopes = request.Scopes.ToArray(), request.RequestsPerSecond, actor, request.Lifetime },
            transaction, cancellationToken: ct)).ConfigureAwait(false);
        await AuditLog.WriteAsync(connection, new AuditEntry(actor, "keys.create", id), ct).ConfigureAwait(false);
        if (request.Replaces is { } old)
        {
            var replaced = await connection.ExecuteAsync(new CommandDefinition(
                """
                update api_keys set replaced_by = @id, expires_at = least(coalesce(expires_at, 'infinity'), now() + @Overlap)
                where key_id = @old and revoked_at is null and (expires_at is null or expires_at > now())
                """,
                new { id, old, request.Overlap }, transaction, cancellationToken: ct)).ConfigureAwait(false);
            if (replaced == 0)
                throw new KeyNotFoundException($"There is no working key with the id {old}.");
            await AuditLog.WriteAsync(connection, new AuditEntry(actor, "keys.rotate", old), ct).ConfigureAwait(false);
        }

        await transaction.CommitAsync(ct).ConfigureAwait(false);
        return key;
    }

    /// <summary>Revokes a key; false where there is none. Revoking it again changes nothing.</summary>
    public static async Task<bool> RevokeAsync(NpgsqlConnection connection, string id, string actor, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
        var found = await connection.ExecuteAsync(new CommandDefinition(
            "update api_keys set revoked_at = coalesce(revoked_at, now()) where key_id = @id", new { id }, transaction, cancellationToken: ct))
            .ConfigureAwait(false);
        if (found > 0)
            await AuditLog.WriteAsync(connection, new AuditEntry(actor, "keys.revoke", id), ct).ConfigureAwait(false);
        await transaction.CommitAsync(ct).ConfigureAwait(false);
        return found > 0;
    }
}

/// <summary>What a new key shall be.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Scopes">Names of scopes, at least one.</param>
/// <param name="Lifetime">After which it expires; null: never.</param>
/// <param name="RequestsPerSecond">Its own rate limit; null: the setting's.</param>
/// <param name="Replaces">Id of the key that it takes the place of; null: none.</param>
/// <param name="Overlap">How long the replaced key goes on working.</param>
internal sealed record NewApiKey(
    string Name, IReadOnlyList<string> Scopes, TimeSpan? Lifetime, int? RequestsPerSecond, string? Replaces, TimeSpan Overlap);
