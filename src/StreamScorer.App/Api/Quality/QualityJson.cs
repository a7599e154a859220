using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamScorer.App.Api.Quality;

/// <summary>Answers about quality: snake_case names, enumerations by name.</summary>
internal static class QualityJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes the answer with status 200.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T answer)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, Options);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
