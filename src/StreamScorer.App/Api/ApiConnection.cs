using System.Runtime.InteropServices;
using System.Security.Cryptography;
using StreamScorer.App.Api.Keys;

namespace StreamScorer.App.Api;

/// <summary>What the service knows of a connection; every request that comes in over it finds it among its features.</summary>
/// <param name="isManagement">Whether it came in at the management port: a Host header can be forged, the port cannot.</param>
internal sealed class ApiConnection(bool isManagement)
{
    private volatile ShownKey? _lastKey;

    /// <summary>Whether it came in at the management port.</summary>
    public bool IsManagement => isManagement;

    /// <summary>The connection of a request; null where the service was not reached over one of its listeners.</summary>
    public static ApiConnection? Of(HttpContext context) => context.Features.Get<ApiConnection>();

    /// <summary>
    /// A key's text taken apart. A client shows the same key with every request of a connection, so that it is hashed once
    /// and not each time; what the hash proves is asked each time. Compared in constant time: behind a proxy the last key
    /// may have been another client's.
    /// </summary>
    /// <param name="text">The key as the request shows it.</param>
    /// <returns>Null where it does not look like a key.</returns>
    public ShownKey? Parse(string text)
    {
        if (_lastKey is { } last
            && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(last.Text.AsSpan()), MemoryMarshal.AsBytes(text.AsSpan())))
            return last;
        return ApiKeyText.TryParse(text) is { } shown ? _lastKey = shown : null;
    }
}
