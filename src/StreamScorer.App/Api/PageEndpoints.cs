using System.Reflection;
using System.Security.Cryptography;

namespace StreamScorer.App.Api;

/// <summary>
/// The built-in pages: files inside the program, served from memory. They hold no data and need no key; what they show
/// they fetch with a session. Nothing in them comes from elsewhere, and their rules let nothing else in.
/// </summary>
internal sealed class PageEndpoints
{
    private const string ResourcePrefix = "Pages/";

    private const string Rules = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly (string Path, string File)[] Pages =
    [
        ("/", "leads.html"), ("/stream", "stream.html"), ("/model", "model.html"), ("/login", "login.html"), ("/docs", "docs.html"),
    ];

    /// <summary>Maps every page, and every file that pages use below <c>/pages</c>.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var files = ReadFiles();
        foreach (var (path, file) in Pages)
            routes.MapGet(path, files[file].AnswerAsync);
        foreach (var (name, file) in files)
            if (!name.EndsWith(".html", StringComparison.Ordinal))
                routes.MapGet("/pages/" + name, file.AnswerAsync);
    }

    private static Dictionary<string, PageFile> ReadFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var name = resource[ResourcePrefix.Length..];
            files.Add(name, new PageFile(bytes, MediaType(name)));
        }

        return files;
    }

    private static string MediaType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var unknown => throw new NotSupportedException($"Page file {name}: no media type for {unknown}."),
    };

    private sealed class PageFile(byte[] bytes, string mediaType)
    {
        private readonly string _tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";

        public async Task AnswerAsync(HttpContext context)
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Rules;
            // Kept by the browser, asked for again each time: a new version shows at once and an old one costs nothing.
            headers.CacheControl = "no-cache";
            headers.ETag = _tag;
            if (context.Request.Headers.IfNoneMatch == _tag)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            context.Response.ContentType = mediaType;
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
