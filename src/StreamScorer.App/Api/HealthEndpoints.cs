using System.Text;
using System.Text.Json;
using StreamScorer.App.Api.OpenApi;

namespace StreamScorer.App.Api;

/// <summary>Health on the public port: status and nothing else, without a key.</summary>
internal sealed class HealthEndpoints(HealthStatus health)
{
    private static readonly string[] Questions = ["live", "ready", "startup"];

    /// <summary>Maps <c>/health</c>, <c>/health/live</c> and so on, the same below <c>/api/v1</c>, and <c>/live</c>, <c>/ready</c>, <c>/startup</c>.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var root in (string[])["/health", "/api/v1/health"])
        {
            Map(routes, root, "health");
            foreach (var question in Questions)
                Map(routes, $"{root}/{question}", question);
        }

        foreach (var question in Questions)
            Map(routes, "/" + question, question);
    }

    private void Map(IEndpointRouteBuilder routes, string path, string question) =>
        routes.MapOperation("GET", path, context => AnswerAsync(context, question), ApiOperations.Health(path, question));

    private Task AnswerAsync(HttpContext context, string question)
    {
        var isWell = health.Answer(question) == true;
        context.Response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(isWell ? """{"status":"ok"}""" : """{"status":"unavailable"}""", context.RequestAborted);
    }

    /// <summary>The detailed form, for the management port: every dependency with since when and why not.</summary>
    public static byte[] Detail(HealthStatus health, string question)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("status", health.Answer(question) == true ? "ok" : "unavailable");
            json.WriteBoolean("started", health.HasStarted);
            json.WriteBoolean("live", health.IsLive);
            json.WriteBoolean("ready", health.IsReady);
            json.WriteStartObject("dependencies");
            foreach (var (name, status) in health.Dependencies.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject(name.Replace(' ', '_').ToLowerInvariant());
                json.WriteBoolean("up", status.IsUp);
                json.WriteString("since", status.Since);
                if (!status.IsUp)
                    json.WriteString("reason", status.Reason);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return [.. body.ToArray(), .. Encoding.ASCII.GetBytes("\n")];
    }
}
