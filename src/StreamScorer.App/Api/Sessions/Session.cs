using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace StreamScorer.App.Api.Sessions;

/// <summary>A browser that logged in with a key.</summary>
/// <param name="KeyId">The key that it may act as.</param>
/// <param name="ExpiresAt">When it has to log in again.</param>
internal sealed record Session(string KeyId, DateTimeOffset ExpiresAt)
{
    /// <summary>How long a session lasts: a working day, with a long evening.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
}

/// <summary>The secret text of a session's cookie or of a link that logs in once: 256 random bits in base64url.</summary>
internal static class SessionSecret
{
    private const int Bytes = 32;
    private const int Chars = 43;

    /// <summary>Makes a new one.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>SHA-256 of its text, which is what gets kept; null where it cannot be one.</summary>
    public static byte[]? HashOf(string? secret) =>
        secret is { Length: Chars } && Ascii.IsValid(secret) ? SHA256.HashData(Encoding.ASCII.GetBytes(secret)) : null;
}

/// <summary>The session's cookie: seen by no script, sent by no other site.</summary>
internal static class SessionCookie
{
    /// <summary>The cookie's value in a request; null where it has none.</summary>
    public static string? Read(HttpRequest request) => request.Cookies[Name(request)];

    /// <summary>Gives the browser a session.</summary>
    public static void Write(HttpContext context, string secret) =>
        context.Response.Cookies.Append(Name(context.Request), secret, Options(context.Request));

    /// <summary>Takes it away again.</summary>
    public static void Delete(HttpContext context) => context.Response.Cookies.Delete(Name(context.Request), Options(context.Request));

    /// <summary>
    /// Whether a request may use the cookie: reading always, changing only from the service's own pages. Browsers that know
    /// <c>SameSite</c> send the cookie from nowhere else; this stands beside it for those that do not.
    /// </summary>
    public static bool MayBeUsed(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return true;
        return request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    // Cookies know no ports: with the port in the name, two workers on one machine do not log each other's people out.
    private static string Name(HttpRequest request) => FormattableString.Invariant($"streamscorer-{request.Host.Port ?? 0}");

    private static CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps,
        Path = "/",
        IsEssential = true,
    };
}
