using System.CommandLine;
using Npgsql;
using StreamScorer.Sinks;

namespace StreamScorer.App.Commands;

/// <summary><c>keys create|list|revoke</c>: who may call the HTTP API.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Keys of the HTTP API: make one, list them, revoke one. Every change is kept in the audit log.")
    {
        KeysCreateCommand.Create(),
        KeysListCommand.Create(),
        KeysRevokeCommand.Create(),
    };

    /// <summary>Who acts, for the audit log.</summary>
    public static string Actor => "command line: " + Environment.UserName;

    /// <summary>Opens the database that the settings name, its tables made where a worker has not made them yet.</summary>
    /// <exception cref="ServiceMissingException">It does not answer.</exception>
    public static async Task<T> WithDatabaseAsync<T>(
        StreamScorerOptions options, Func<NpgsqlConnection, Task<T>> work, CancellationToken ct)
    {
        await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
        try
        {
            await Migrations.ApplyAsync(dataSource, ct);
            await using var connection = await dataSource.OpenConnectionAsync(ct);
            return await work(connection);
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }
}
