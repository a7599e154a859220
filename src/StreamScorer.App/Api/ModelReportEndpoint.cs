using System.Text;
using System.Text.Json;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Api.Scoring;

namespace StreamScorer.App.Api;

/// <summary>
/// <c>GET /api/v1/models/{name}/report</c>: what training wrote beside the model that serves now: its metrics and its card.
/// Null where the folder has none, or holds those of another model, as it does for a moment while one is replaced.
/// </summary>
internal sealed class ModelReportEndpoint(ServedModels models, StreamScorerOptions options)
{
    private const string MetricsFile = "metrics.json";
    private const string CardFile = "model_card.md";
    private const long MostBytes = 1024 * 1024;

    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapOperation("GET", "/api/v1/models/{name}/report", AnswerAsync, ApiOperations.ModelReport);

    private async Task AnswerAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        if (!models.TryGet(name, out var model))
        {
            await Problem.WriteAsync(context, ProblemKind.NotFound, "There is no such model; GET /api/v1/models lists them.").ConfigureAwait(false);
            return;
        }

        // Only names of the pool come this far, so that a name can lead to no other folder.
        var folder = FolderOf(model.Name);
        var metrics = await ReadAsync(folder, MetricsFile, context.RequestAborted).ConfigureAwait(false);
        var card = await ReadAsync(folder, CardFile, context.RequestAborted).ConfigureAwait(false);
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("name", model.Name);
            json.WriteString("version", model.Id);
            json.WritePropertyName("metrics");
            WriteMetrics(json, metrics, model.Id);
            json.WriteString("card", card is not null && card.Contains(model.Id, StringComparison.Ordinal) ? card : null);
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted).ConfigureAwait(false);
    }

    private static void WriteMetrics(Utf8JsonWriter json, string? metrics, string modelId)
    {
        try
        {
            using var document = JsonDocument.Parse(metrics ?? "null");
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("id", out var id) && id.ValueEquals(modelId))
            {
                document.RootElement.WriteTo(json);
                return;
            }
        }
        catch (JsonException)
        {
            // Being written, or edited by hand: it says nothing about the model that serves.
        }

        json.WriteNullValue();
    }

    private string FolderOf(string name)
    {
        if (name != models.DefaultName)
            return Path.Combine(options.Api.ModelsFolder, name);
        var path = options.Scoring.ModelPath;
        return File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
    }

    private static async Task<string?> ReadAsync(string folder, string file, CancellationToken ct)
    {
        try
        {
            var path = new FileInfo(Path.Combine(folder, file));
            return path.Exists && path.Length <= MostBytes ? await File.ReadAllTextAsync(path.FullName, Encoding.UTF8, ct).ConfigureAwait(false) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
