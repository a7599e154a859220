using Npgsql;

namespace StreamScorer.Sinks;

/// <summary>Brings the database schema to this version.</summary>
public static class Migrations
{
    /// <summary>
    /// Applies what is missing, in one transaction under an advisory lock, in the first schema of the connection's
    /// search path (created when missing). Nothing is written when nothing is missing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The database is more than one version ahead of this program.</exception>
    public static Task ApplyAsync(NpgsqlDataSource dataSource, CancellationToken ct = default) => throw new NotImplementedException();
}
