using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using StreamScorer.App.Api.Keys;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>The OpenAPI document: checked in as it is generated, and the running service does what it says.</summary>
public class OpenApiTests
{
    private const string Lead = """{"lead_id":"a","total_visits":1,"last_action":null}""";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string DocumentFile => Path.Combine(RepositoryFolder.Path, "src", "docs", "openapi.json");

    [Fact]
    public async Task TheCheckedInDocumentIsTheGeneratedOne()
    {
        await using var service = await ApiService.StartAsync();
        var generated = (await service.GetAsync("/openapi/v1.json", "")).Json.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("STREAMSCORER_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(DocumentFile, generated);
        Assert.True(File.Exists(DocumentFile), "STREAMSCORER_UPDATE_SNAPSHOTS=1 ./streamscorer test unit writes src/docs/openapi.json");
        Assert.Equal(File.ReadAllText(DocumentFile), generated);
    }

    // Mutation: a field renamed in the answer's writer, or a status that is not described.
    [Fact]
    public async Task EveryOperationAnswersAsDescribed()
    {
        await using var service = await ApiService.StartAsync();
        var admin = await service.AddKeyAsync(ApiScope.Admin);
        var document = (await service.GetAsync("/openapi/v1.json", "")).Json;
        var shape = new JsonShape(document);
        var asked = 0;
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                foreach (var (request, key) in Requests(method, path, operation!, admin))
                {
                    using (request)
                    {
                        asked++;
                        Check(shape, operation!, $"{method} {path}", await service.SendAsync(request, key));
                    }
                }
            }
        }

        Assert.True(asked > 40, $"{asked} requests");
    }

    // Mutation: an operation without a scope. A session is where a key is shown, and nobody's session is an answer.
    [Fact]
    public async Task EveryOperationButHealthAndSessionsNeedsAKey()
    {
        await using var service = await ApiService.StartAsync();
        var document = (await service.GetAsync("/openapi/v1.json", "")).Json;
        foreach (var (path, methods) in document["paths"]!.AsObject())
            foreach (var (method, operation) in methods!.AsObject())
            {
                using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path);
                var isOpen = (string?)operation!["tags"]![0] is "Health" or "Sessions";
                var status = (await service.SendAsync(request, "")).Status;
                Assert.Equal(isOpen, status != HttpStatusCode.Unauthorized);
                Assert.Equal(isOpen, operation["security"] is null);
            }
    }

    private static void Check(JsonShape shape, JsonNode operation, string name, Answer answer)
    {
        var status = ((int)answer.Status).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var described = operation["responses"]![status];
        Assert.True(described is not null, $"{name}: {status} is not described");
        if (answer.Status == HttpStatusCode.NoContent)
        {
            Assert.True(answer.Body.Length == 0 && described["content"] is null, $"{name}: {status} has no body");
            return;
        }

        var content = described["content"]![answer.MediaType!];
        Assert.True(content is not null, $"{name}: {status} with {answer.MediaType} is not described");
        if (answer.MediaType!.EndsWith("json", StringComparison.Ordinal))
            Assert.Equal([], shape.Faults(answer.Json, content["schema"]!).Select(fault => $"{name} {status} {fault}"));
    }

    // Mutation: an endpoint that is mapped past MapOperation. Pages, their files and this document describe themselves.
    [Fact]
    public async Task EveryEndpointOfTheApiIsDescribed()
    {
        await using var service = await ApiService.StartAsync();
        var paths = (await service.GetAsync("/openapi/v1.json", "")).Json["paths"]!.AsObject();
        var mapped = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!).Where(route => route.StartsWith("/api/", StringComparison.Ordinal)).Distinct();
        Assert.DoesNotContain(mapped, route => !paths.ContainsKey(route));
    }

    // A good request, a faulty one where there is a body, one without a key, one with a key that may nothing of the kind.
    private static IEnumerable<(HttpRequestMessage Request, string Key)> Requests(string method, string path, JsonNode operation, string admin)
    {
        var url = path.Replace("{name}", "lead-scoring", StringComparison.Ordinal).Replace("{id}", "lead-1", StringComparison.Ordinal);
        var good = path.EndsWith("score-lead", StringComparison.Ordinal) ? Lead : $$$"""{"request_id":"r","leads":[{{{Lead}}}],"options":{"reasons":true}}""";
        string[] bodies = operation["requestBody"] is null ? [""] : [good, "{\"leads\":[{}]}", "{", "[]", $"{{\"leads\":[{string.Join(',', Enumerable.Repeat(Lead, 501))}]}}"];
        foreach (var body in bodies)
        {
            foreach (var key in (string[])[admin, ""])
            {
                var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), url);
                if (body.Length > 0)
                    request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                yield return (request, key);
            }
        }
    }
}
