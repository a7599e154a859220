using System.Text.Json;

namespace StreamScorer.App.Api;

/// <summary>Answers in JSON that are small and not on the scoring path.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes an answer with its length.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
            write(json);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes a property whose value is JSON already; null where there is none.</summary>
    public static void WriteRaw(Utf8JsonWriter json, string name, string? value)
    {
        json.WritePropertyName(name);
        if (value is null)
            json.WriteNullValue();
        else
            json.WriteRawValue(value, skipInputValidation: true);
    }
}
