using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Npgsql;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Api.Keys;

/// <summary>Reads every key from where they are kept.</summary>
internal delegate Task<IReadOnlyList<ApiKey>> ReadApiKeys(CancellationToken ct);

/// <summary>
/// The keys in memory, read again every <see cref="ApiOptions.KeyRefresh"/>, and once a second at most when somebody shows
/// an id that is not known yet. While the database is away the last known keys go on working: a stream scorer that is
/// ready to score must not turn its callers away because of a table that nobody has changed.
/// </summary>
internal sealed class ApiKeyStore(ReadApiKeys read, StreamScorerOptions options, TimeProvider clock, ILogger<ApiKeyStore> log)
    : BackgroundService
{
    private readonly TimeSpan _leastBetweenReads = TimeSpan.FromSeconds(Math.Min(1, options.Api.KeyRefresh.TotalSeconds / 2));
    private readonly SemaphoreSlim _reading = new(1);
    private volatile FrozenDictionary<string, ApiKeyEntry> _keys = FrozenDictionary<string, ApiKeyEntry>.Empty;
    private long _readAt;
    private bool _isDown;

    /// <summary>The key with this id, from memory.</summary>
    public bool TryGet(string id, [NotNullWhen(true)] out ApiKeyEntry? entry) => _keys.TryGetValue(id, out entry);

    /// <summary>
    /// Reads the keys again. However many ask, there is a second between two readings, and one that began after the asking
    /// serves all who wait.
    /// </summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var asked = clock.GetTimestamp();
        await _reading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_readAt > asked)
                return;
            var rest = _readAt == 0 ? TimeSpan.Zero : _leastBetweenReads - clock.GetElapsedTime(_readAt);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, clock, ct).ConfigureAwait(false);
            _readAt = clock.GetTimestamp();
            Take(await read(ct).ConfigureAwait(false));
            if (_isDown)
                log.ApiKeysBack();
            _isDown = false;
        }
        catch (Exception exception) when (SinkErrors.IsTransient(exception) || IsTableMissing(exception))
        {
            // Until the worker has migrated there is no table; while the database is away the last known keys hold.
            if (_isDown || IsTableMissing(exception))
                return;
            log.ApiKeysNotRead(SinkErrors.Describe(exception));
            _isDown = true;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await RefreshAsync(stoppingToken).ConfigureAwait(false);
                await Task.Delay(options.Api.KeyRefresh, clock, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    // Limiters outlive a reading: a key's burst must not start anew with it.
    private void Take(IReadOnlyList<ApiKey> keys)
    {
        var old = _keys;
        _keys = keys.ToFrozenDictionary(key => key.Id, key =>
        {
            var rate = key.RequestsPerSecond ?? options.Api.RequestsPerSecond;
            return old.TryGetValue(key.Id, out var known) && known.Rate.PerSecond == rate
                ? known with { Key = key }
                : new ApiKeyEntry(key, new KeyRate(rate));
        }, StringComparer.Ordinal);
    }

    private static bool IsTableMissing(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable };
}

/// <summary>A key with its limiter.</summary>
internal sealed record ApiKeyEntry(ApiKey Key, KeyRate Rate);
