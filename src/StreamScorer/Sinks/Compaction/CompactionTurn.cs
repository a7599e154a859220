using Dapper;
using Npgsql;

namespace StreamScorer.Sinks.Compaction;

/// <summary>The right to compact an archive, while its transaction lasts.</summary>
public sealed class CompactionTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    internal CompactionTurn(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Checks that the session that holds the lock still lives.</summary>
    /// <exception cref="NpgsqlException">It does not, and another compaction may be at work.</exception>
    public Task CheckAsync(CancellationToken ct) => _connection.ExecuteAsync(
        new CommandDefinition("select 1", transaction: _transaction, cancellationToken: ct));

    /// <summary>Gives the turn to others.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
