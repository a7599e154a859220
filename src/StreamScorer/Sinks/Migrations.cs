using System.Data;
using System.Globalization;
using System.Reflection;
using Dapper;
using Npgsql;

namespace StreamScorer.Sinks;

/// <summary>
/// Brings the database schema to this program's version. Migrations are numbered SQL files in the folder of this name:
/// expand first, contract one version later, so that a program runs on its own version and on the next one.
/// </summary>
public static class Migrations
{
    private const string ResourcePrefix = "Migrations/";

    private static readonly Lazy<IReadOnlyList<Migration>> Known = new(ReadKnown);

    /// <summary>The schema version that this program was written for.</summary>
    public static int LatestVersion => Known.Value[^1].Version;

    /// <summary>
    /// Applies what is missing, in one transaction under an advisory lock, in the first schema of the connection's
    /// search path (created when missing). When nothing is missing it only reads, so that a role without the right to
    /// create tables can run the worker.
    /// </summary>
    /// <returns>The names of the migrations applied by this call.</returns>
    /// <exception cref="InvalidOperationException">The database is more than one version ahead of this program.</exception>
    public static async Task<IReadOnlyList<string>> ApplyAsync(NpgsqlDataSource dataSource, CancellationToken ct = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        string schema = await TargetSchemaAsync(connection, ct);
        if (await AppliedVersionAsync(connection, schema, ct) is int current && current >= LatestVersion)
        {
            CheckNotTooFarAhead(current, schema, connection.Database);
            return [];
        }

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await PrepareSchemaAsync(connection, schema, ct);

        // Read again: another worker may have migrated while this one waited for the lock.
        int version = await AppliedVersionAsync(connection, schema, ct) ?? 0;
        CheckNotTooFarAhead(version, schema, connection.Database);
        var missing = Known.Value.Where(migration => migration.Version > version).ToList();
        foreach (var migration in missing)
        {
            await connection.ExecuteAsync(new CommandDefinition(migration.Sql, cancellationToken: ct));
            await connection.ExecuteAsync(new CommandDefinition(
                "insert into schema_migrations (version, name, applied_at) values (@Version, @Name, now())",
                new { migration.Version, migration.Name }, cancellationToken: ct));
        }

        await transaction.CommitAsync(ct);
        return [.. missing.Select(migration => migration.Name)];
    }

    /// <summary>
    /// The first schema that the connection string's Search Path names, whether it exists or not: a table must not
    /// land in a later schema only because the first is missing. Without one, the server's current schema.
    /// </summary>
    private static async Task<string> TargetSchemaAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        string? searchPath = new NpgsqlConnectionStringBuilder(connection.ConnectionString).SearchPath;
        string? first = searchPath?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(name => name != "\"$user\"" && name != "$user");
        if (first is not null && first.StartsWith('"'))
            return first.Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal);
        if (first is not null)
            return first.ToLowerInvariant();

        return await connection.ExecuteScalarAsync<string?>(
                new CommandDefinition("select current_schema()::text", cancellationToken: ct))
            ?? throw new InvalidOperationException(
                $"No schema of the search path exists in database '{connection.Database}'. "
                + "Name one in ConnectionStrings:HotLeads with 'Search Path=…'; it is created when missing.");
    }

    private static async Task<int?> AppliedVersionAsync(NpgsqlConnection connection, string schema, CancellationToken ct)
    {
        string table = $"{Quote(schema)}.schema_migrations";
        bool exists = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition("select to_regclass(@table) is not null", new { table }, cancellationToken: ct));
        if (!exists)
            return null;
        return await connection.ExecuteScalarAsync<int?>(
            new CommandDefinition($"select max(version) from {table}", cancellationToken: ct));
    }

    private static async Task PrepareSchemaAsync(NpgsqlConnection connection, string schema, CancellationToken ct)
    {
        // The lock is the transaction's, not the session's: a connection pooler may swap sessions between transactions.
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtextextended('streamscorer.schema_migrations:' || @schema, 0))",
            new { schema }, cancellationToken: ct));
        bool exists = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from pg_namespace where nspname = @schema)", new { schema }, cancellationToken: ct));
        if (!exists)
            await connection.ExecuteAsync(new CommandDefinition($"create schema {Quote(schema)}", cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            set local search_path to {Quote(schema)};
            create table if not exists schema_migrations (
                version integer primary key, name text not null, applied_at timestamptz not null)
            """,
            cancellationToken: ct));
    }

    private static void CheckNotTooFarAhead(int version, string schema, string database)
    {
        if (version > LatestVersion + 1)
        {
            throw new InvalidOperationException(
                $"Schema '{schema}' of database '{database}' is at version {version}; "
                + $"this program knows {LatestVersion} and runs on at most {LatestVersion + 1}. "
                + "Run a newer StreamScorer, or name another schema in ConnectionStrings:HotLeads with 'Search Path=…'.");
        }
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<Migration> ReadKnown()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var migrations = new List<Migration>();
        foreach (string resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!resource.StartsWith(ResourcePrefix, StringComparison.Ordinal))
                continue;
            string name = Path.GetFileNameWithoutExtension(resource);
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            migrations.Add(new Migration(
                int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name, reader.ReadToEnd()));
        }

        for (int i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Version != i + 1)
                throw new InvalidOperationException($"Migration '{migrations[i].Name}' should have number {i + 1:0000}.");
        }

        return migrations;
    }

    private sealed record Migration(int Version, string Name, string Sql);
}
