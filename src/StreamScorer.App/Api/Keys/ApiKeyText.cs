using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace StreamScorer.App.Api.Keys;

/// <summary>
/// A key as its holder has it: <c>ssk_ID.SECRET</c>. The id finds the key, the secret (256 random bits in base64url, 43
/// characters) proves it. The hash is taken of the secret's text, so that no other spelling of the same bits passes.
/// </summary>
internal static class ApiKeyText
{
    /// <summary>How every key begins: secret scanners and people know it by that.</summary>
    public const string Prefix = "ssk_";

    private const int IdChars = 12;
    private const int SecretChars = 43;
    private const int KeyChars = 4 + IdChars + 1 + SecretChars;

    /// <summary>Makes a new key.</summary>
    /// <returns>The whole key, to be shown once; its id and the hash of its secret, to be kept.</returns>
    public static (string Key, string Id, byte[] SecretHash) Create()
    {
        var id = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", IdChars);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return ($"{Prefix}{id}.{secret}", id, SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
    }

    /// <summary>Takes a key apart; null where it does not look like one.</summary>
    /// <param name="key">What the caller sent.</param>
    public static ShownKey? TryParse(string key)
    {
        if (key.Length != KeyChars || !key.StartsWith(Prefix, StringComparison.Ordinal) || key[Prefix.Length + IdChars] != '.')
            return null;
        Span<byte> secret = stackalloc byte[SecretChars];
        return Encoding.ASCII.TryGetBytes(key.AsSpan(^SecretChars..), secret, out _)
            ? new ShownKey(key, key.Substring(Prefix.Length, IdChars), SHA256.HashData(secret))
            : null;
    }
}

/// <summary>A key that a request shows, taken apart; it is proved by nothing yet.</summary>
/// <param name="Text">As it was shown.</param>
/// <param name="Id">The id that it claims.</param>
/// <param name="SecretHash">SHA-256 of the secret in it.</param>
internal sealed record ShownKey(string Text, string Id, byte[] SecretHash)
{
    // A record would print the secret.
    /// <inheritdoc/>
    public override string ToString() => Id;
}
