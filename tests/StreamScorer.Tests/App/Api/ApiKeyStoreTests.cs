using Microsoft.Extensions.Logging;
using Npgsql;
using StreamScorer.App.Api.Keys;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>What is said about keys that cannot be read: trouble once, its end once, and nothing where there was none.</summary>
public sealed class ApiKeyStoreTests : IDisposable
{
    private readonly RecordedLog _log = new();
    private readonly Queue<Exception?> _readings = new();
    private readonly ILoggerFactory _logs;
    private readonly ApiKeyStore _store;

    public ApiKeyStoreTests()
    {
        _logs = LoggerFactory.Create(builder => builder.AddProvider(_log));
        var options = new StreamScorerOptions();
        options.Api.KeyRefresh = TimeSpan.FromMilliseconds(2);
        _store = new ApiKeyStore(Read, options, TimeProvider.System, _logs.CreateLogger<ApiKeyStore>());
    }

    public void Dispose()
    {
        _store.Dispose();
        _logs.Dispose();
        _log.Dispose();
    }

    // Mutation: a table that is not there yet counts as trouble, so that its end is told at every start.
    [Fact]
    public async Task ATableThatIsNotThereYetIsNoTrouble()
    {
        await ReadAsync(new PostgresException("relation does not exist", "ERROR", "ERROR", PostgresErrorCodes.UndefinedTable), null);
        Assert.Equal("", _log.Text);
    }

    [Fact]
    public async Task TroubleAndItsEndAreToldOnce()
    {
        await ReadAsync(null, new NpgsqlException("gone", new IOException()), new NpgsqlException("gone", new IOException()), null, null);
        Assert.Equal(["Warning 702", "Information 703"], _log.Text.Split('\n').Select(line => string.Join(' ', line.Split(' ').Take(2))));
    }

    private async Task ReadAsync(params Exception?[] readings)
    {
        foreach (var reading in readings)
        {
            _readings.Enqueue(reading);
            await _store.RefreshAsync(default);
        }

        Assert.Empty(_readings);
    }

    private Task<IReadOnlyList<ApiKey>> Read(CancellationToken ct) =>
        _readings.Dequeue() is { } failure ? Task.FromException<IReadOnlyList<ApiKey>>(failure) : Task.FromResult<IReadOnlyList<ApiKey>>([]);
}
