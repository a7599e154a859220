using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using StreamScorer.App.Api.Keys;

namespace StreamScorer.App.Api.OpenApi;

/// <summary>The OpenAPI document, made from the endpoints as they are mapped: <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiDocuments
{
    private const string KeyScheme = "ApiKey";
    private const string BearerScheme = "Bearer";

    /// <summary>Registers the document.</summary>
    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        });
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiOperation>().FirstOrDefault() is { } described)
                    Describe(operation, described, context.Document!);
                return Task.CompletedTask;
            });
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "StreamScorer",
            Version = "v1",
            Description = "Lead scores: the same model, decoder and bits as the stream's. Keys are made with ./streamscorer keys create.",
        };
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = ApiKeyGate.Header },
            [BearerScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
        };
    }

    private static void Describe(OpenApiOperation operation, ApiOperation described, OpenApiDocument document)
    {
        operation.OperationId = described.Id;
        operation.Summary = described.Summary;
        operation.Parameters = [.. described.Parameters.Select(Describe)];
        if (described.Scope == ApiScope.None)
            return;
        operation.Description = $"Needs a key with the scope {ApiScopes.NamesOf(described.Scope)}.";
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] },
        ];
    }

    private static IOpenApiParameter Describe(ApiParameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name,
        In = parameter.InPath ? ParameterLocation.Path : ParameterLocation.Query,
        Required = parameter.InPath || parameter.IsRequired,
        Description = parameter.Description,
        Schema = new OpenApiSchema
        {
            Type = parameter.Type switch
            {
                "boolean" => JsonSchemaType.Boolean,
                "integer" => JsonSchemaType.Integer,
                "number" => JsonSchemaType.Number,
                _ => JsonSchemaType.String,
            },
            Enum = parameter.Type == "string" ? parameter.Words?.Select(word => (System.Text.Json.Nodes.JsonNode)word).ToList() : null,
            Minimum = parameter.Range?.Least.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Maximum = parameter.Range?.Most.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };
}
