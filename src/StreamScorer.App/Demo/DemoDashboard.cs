using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Sessions;
using StreamScorer.Sinks;

namespace StreamScorer.App.Demo;

/// <summary>
/// The way into the built-in pages of a demo's worker: a key of the demo's own, and links that log in with it once. The
/// token stands in the link's fragment, which a browser sends to nobody.
/// </summary>
internal sealed class DemoDashboard
{
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(1);

    private readonly string _database;
    private readonly Uri _address;

    private DemoDashboard(string database, Uri address, string key) => (_database, _address, Key) = (database, address, key);

    /// <summary>The demo's key, for the log-in page and for programs.</summary>
    public string Key { get; }

    /// <summary>Makes the demo's key.</summary>
    /// <param name="database">The demo's database and schema; its tables are made where the worker has not made them yet.</param>
    /// <param name="address">Where the worker serves the pages.</param>
    /// <param name="ct">Stops the work.</param>
    public static async Task<DemoDashboard> OpenAsync(string database, Uri address, CancellationToken ct)
    {
        await using var dataSource = NpgsqlDataSource.Create(database);
        await Migrations.ApplyAsync(dataSource, ct).ConfigureAwait(false);
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        var request = new NewApiKey("demo", ["score", "leads:read", "models:read"], KeyLifetime, null, null, TimeSpan.Zero);
        return new DemoDashboard(database, address, await ApiKeyTable.CreateAsync(connection, request, "demo", ct).ConfigureAwait(false));
    }

    /// <summary>A link that logs in once.</summary>
    public async Task<string> LinkAsync(CancellationToken ct)
    {
        var keyId = Key[ApiKeyText.Prefix.Length..Key.IndexOf('.', StringComparison.Ordinal)];
        await using var dataSource = NpgsqlDataSource.Create(_database);
        await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
        var token = await SessionTable.CreateLoginTokenAsync(connection, keyId, LinkLifetime, ct).ConfigureAwait(false);
        return new Uri(_address, $"/login#token={token}").ToString();
    }
}
