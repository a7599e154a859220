using System.Security.Cryptography;

namespace StreamScorer.App.Api.Keys;

/// <summary>A key as the service knows it.</summary>
/// <param name="Id">Finds the key; no secret.</param>
/// <param name="Name">Whose it is, for logs and the audit.</param>
/// <param name="SecretHash">SHA-256 of the secret.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="RequestsPerSecond">Its own limit; null: the setting's.</param>
/// <param name="ExpiresAt">Until when it works; null: for good.</param>
/// <param name="RevokedAt">Since when it does not; null: it does.</param>
internal sealed record ApiKey(
    string Id, string Name, byte[] SecretHash, ApiScope Scopes, int? RequestsPerSecond, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    /// <summary>Whether the hash is that of this key's secret; takes the same time wherever they differ.</summary>
    public bool IsProvedBy(ReadOnlySpan<byte> secretHash) => CryptographicOperations.FixedTimeEquals(SecretHash, secretHash);

    /// <summary>Why the key does not work at a time; null where it does.</summary>
    public string? WhyNot(DateTimeOffset now) =>
        RevokedAt is not null ? "revoked" : ExpiresAt <= now ? "expired" : null;
}
