namespace StreamScorer.App.Api.Keys;

/// <summary>What a key may do. The names stand in the database and in people's scripts: never renamed.</summary>
[Flags]
internal enum ApiScope
{
    None = 0,

    /// <summary><c>score</c>: have leads scored.</summary>
    Score = 1,

    /// <summary><c>leads:read</c>: read stored leads and their scores.</summary>
    LeadsRead = 2,

    /// <summary><c>models:read</c>: see which models serve.</summary>
    ModelsRead = 4,

    /// <summary><c>models:write</c>: reload models.</summary>
    ModelsWrite = 8,

    /// <summary><c>admin</c>: everything, the audit log included.</summary>
    Admin = 16,
}

/// <summary>Scopes and their names.</summary>
internal static class ApiScopes
{
    /// <summary>Every scope by name.</summary>
    public static readonly IReadOnlyDictionary<string, ApiScope> ByName = new Dictionary<string, ApiScope>(StringComparer.Ordinal)
    {
        ["score"] = ApiScope.Score,
        ["leads:read"] = ApiScope.LeadsRead,
        ["models:read"] = ApiScope.ModelsRead,
        ["models:write"] = ApiScope.ModelsWrite,
        ["admin"] = ApiScope.Admin,
    };

    /// <summary>Whether a key with these scopes may do what one scope is for.</summary>
    public static bool Allows(this ApiScope granted, ApiScope wanted) => (granted & (wanted | ApiScope.Admin)) != 0;

    /// <summary>The name of a scope; of several, any of which will do: a or b.</summary>
    public static string NamesOf(ApiScope scopes) => string.Join(" or ", ByName.Where(pair => scopes.HasFlag(pair.Value)).Select(pair => pair.Key));

    /// <summary>Names as flags; a name of a newer version, unknown here, grants nothing.</summary>
    public static ApiScope Parse(IEnumerable<string> names) =>
        names.Aggregate(ApiScope.None, (scopes, name) => scopes | ByName.GetValueOrDefault(name));
}

/// <summary>Endpoint metadata: the scope that a caller needs; of several, one.</summary>
internal sealed record NeedsScope(ApiScope Scope);
