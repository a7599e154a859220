using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamScorer.Features;

namespace StreamScorer.App.Api.Problems;

/// <summary>
/// Answers that say what went wrong: problem details by RFC 9457, with every fault of the request and nothing of its
/// values, of the program's inside, or of a key.
/// </summary>
internal static class Problem
{
    /// <summary>The media type of problem details.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Writes a problem as the answer.</summary>
    /// <param name="context">The request that it answers; its response has not started.</param>
    /// <param name="kind">What kind of problem.</param>
    /// <param name="detail">One or two sentences for a person: what is wrong here, and what to do.</param>
    /// <param name="faults">The faults of the request, each with its JSON path.</param>
    /// <param name="retryAfter">When trying again may help.</param>
    public static async Task WriteAsync(
        HttpContext context, ProblemKind kind, string detail, IReadOnlyList<RequestFault>? faults = null, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        response.StatusCode = kind.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (kind.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "ApiKey realm=\"streamscorer\", Bearer realm=\"streamscorer\"";
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        using var body = new MemoryStream();
        Write(body, context, kind, detail, faults);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted).ConfigureAwait(false);
    }

    private static void Write(
        MemoryStream body, HttpContext context, ProblemKind kind, string detail, IReadOnlyList<RequestFault>? faults)
    {
        // Paths of faults have quotes in them, and no browser takes this for a page: quotes stay readable.
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("type", "urn:streamscorer:problem:" + kind.Code);
        json.WriteString("title", kind.Title);
        json.WriteNumber("status", kind.Status);
        json.WriteString("detail", detail);
        json.WriteString("instance", "urn:streamscorer:request:" + context.TraceIdentifier);
        if (faults is { Count: > 0 })
        {
            json.WriteStartArray("errors");
            foreach (var fault in faults)
            {
                json.WriteStartObject();
                json.WriteString("path", fault.Path);
                json.WriteString("code", fault.Code);
                json.WriteString("detail", fault.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
