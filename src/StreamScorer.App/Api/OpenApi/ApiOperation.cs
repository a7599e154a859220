using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using StreamScorer.App.Api.Keys;

namespace StreamScorer.App.Api.OpenApi;

/// <summary>
/// What one operation of the API is, stated once where it is mapped: the gate reads its scope, the OpenAPI document the rest.
/// </summary>
/// <param name="Id">The operation's id, for generated clients; never renamed.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Tag">The group it stands in.</param>
/// <param name="Scope">The scope that a key needs; None: no key at all.</param>
internal sealed record ApiOperation(string Id, string Summary, string Tag, ApiScope Scope)
{
    /// <summary>The type that describes the request's body; null: none.</summary>
    public Type? Request { get; init; }

    /// <summary>The type that describes the answer.</summary>
    /// <remarks><c>void</c>: the answer has no body.</remarks>
    public required Type Answer { get; init; }

    /// <summary>Media types of the answer.</summary>
    public string[] MediaTypes { get; init; } = ["application/json"];

    /// <summary>Parameters of path and query.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>Statuses of problems beside those that every operation with a key has.</summary>
    public int[] Problems { get; init; } = [];

    /// <summary>Statuses that mean no problem and carry the answer's type.</summary>
    public int[] Statuses { get; init; } = [StatusCodes.Status200OK];

    /// <summary>Whether the operation ends in its own time: it is scoring, which watches the body itself, or an endless answer.</summary>
    public bool KeepsItsOwnTime { get; init; }
}

/// <summary>A parameter of path or query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">boolean, integer, number or string.</param>
/// <param name="Description">What it does.</param>
internal sealed record ApiParameter(string Name, string Type, string Description)
{
    /// <summary>Whether it stands in the path.</summary>
    public bool InPath { get; init; }

    /// <summary>Whether a request must have it; what stands in the path it always must.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The words it takes; null: any.</summary>
    public string[]? Words { get; init; }

    /// <summary>Least and greatest value; null: unbounded.</summary>
    public (double Least, double Most)? Range { get; init; }
}

/// <summary>Puts an operation's description on its endpoint.</summary>
internal static class ApiOperationMapping
{
    private static readonly MethodInfo Handler = typeof(ApiOperationMapping).GetMethod(nameof(Handle), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Maps an operation.</summary>
    public static void MapOperation(this IEndpointRouteBuilder routes, string method, string path, RequestDelegate handle, ApiOperation operation)
    {
        var endpoint = routes.MapMethods(path, [method], handle).WithMetadata(Handler, operation).WithTags(operation.Tag);
        if (operation.Scope != ApiScope.None)
            endpoint.WithMetadata(new NeedsScope(operation.Scope));
        if (!operation.KeepsItsOwnTime)
            endpoint.WithRequestTimeout(ApiHost.TimeLimit);
        foreach (var status in operation.Statuses)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, operation.Answer, operation.Answer == typeof(void) ? [] : operation.MediaTypes));
        int[] keyed = operation.Scope == ApiScope.None ? [] : [401, 403, 429, 503];
        foreach (var status in keyed.Concat(operation.Problems).Order())
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDocument), [Problems.Problem.MediaType]));
        if (operation.Request is not null)
            endpoint.WithMetadata(new AcceptsMetadata(["application/json"], operation.Request));
    }

    // Endpoints of plain request delegates are described only where they carry a method; this one says "a request in, an answer out".
    private static Task Handle(HttpContext context) => context.Response.CompleteAsync();
}
