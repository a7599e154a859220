using System.Collections.Concurrent;
using System.Text;
using Npgsql;

namespace StreamScorer.App.Api.Live;

/// <summary>What a viewer wants to be told.</summary>
[Flags]
internal enum LiveTopics
{
    None = 0,

    /// <summary>Leads that turn hot or cool.</summary>
    Leads = 1,

    /// <summary>The state of the stream.</summary>
    Stream = 2,
}

/// <summary>
/// The pulse of the pages: once a second it notes what the stream did, and tells every viewer. What it tells is read and
/// written once, however many look; a viewer that does not keep up is let go and comes back by itself.
/// </summary>
internal sealed class LiveFeed(
    NpgsqlDataSource dataSource, StreamMeters meters, StreamHistory history, StreamOverview overview, TimeProvider clock, ILogger<LiveFeed> log)
    : BackgroundService
{
    /// <summary>Most viewers of one worker at a time.</summary>
    public const int MostViewers = 1000;

    private const int TotalsEveryTicks = 5;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<LiveViewer, byte> _viewers = new();
    private readonly HotLeadFeed _leads = new();
    private byte[]? _totals;
    private bool _isDown;
    private long _ticks;

    /// <summary>Viewers now.</summary>
    public int Viewers => _viewers.Count;

    /// <summary>Adds a viewer; null where there are too many.</summary>
    public LiveViewer? TryJoin(LiveTopics topics)
    {
        if (_viewers.Count >= MostViewers)
            return null;
        var viewer = new LiveViewer(topics, left => _viewers.TryRemove(left, out _));
        // A page that opens does not wait for the next time that the totals are told.
        if (topics.HasFlag(LiveTopics.Leads) && _totals is { } totals)
            viewer.Offer(Event("totals", totals));
        _viewers[viewer] = 0;
        return viewer;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                history.Add(meters.Take(clock.GetUtcNow()));
                var wanted = _viewers.Keys.Aggregate(LiveTopics.None, (topics, viewer) => topics | viewer.Topics);
                if (wanted != LiveTopics.None)
                    await TellAsync(wanted, stoppingToken).ConfigureAwait(false);
                if (!wanted.HasFlag(LiveTopics.Leads))
                    Forget();
                _ticks++;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
        finally
        {
            foreach (var viewer in _viewers.Keys)
                viewer.Dispose();
        }
    }

    // Nobody looks at leads: what was read last would be old news to the next who does.
    private void Forget()
    {
        _totals = null;
        _leads.Forget();
    }

    private async Task TellAsync(LiveTopics wanted, CancellationToken ct)
    {
        var leads = wanted.HasFlag(LiveTopics.Leads) ? await LeadsAsync(ct).ConfigureAwait(false) : [];
        var stream = wanted.HasFlag(LiveTopics.Stream)
            ? Event("stream", await overview.WriteAsync(withHistory: false, ct).ConfigureAwait(false))
            : [];
        var beat = Event("beat", "{}"u8);
        byte[] both = [.. beat, .. leads, .. stream];
        byte[] leadsOnly = [.. beat, .. leads];
        byte[] streamOnly = [.. beat, .. stream];
        foreach (var viewer in _viewers.Keys)
        {
            viewer.Offer(viewer.Topics switch
            {
                LiveTopics.Leads => leadsOnly,
                LiveTopics.Stream => streamOnly,
                _ => both,
            });
        }

    }

    // The pages never stop the worker: while the database is away they say so by themselves, from its readiness.
    private async Task<byte[]> LeadsAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
            byte[] changes = await _leads.ReadAsync(connection, ct).ConfigureAwait(false) is { } read ? Event("leads", read) : [];
            _isDown = false;
            if (_totals is not null && _ticks % TotalsEveryTicks != 0)
                return changes;
            _totals = await HotLeadFeed.ReadTotalsAsync(connection, ct).ConfigureAwait(false);
            return [.. changes, .. Event("totals", _totals)];
        }
        catch (NpgsqlException exception)
        {
            if (!_isDown)
                log.LiveLeadsNotRead(exception.Message);
            _isDown = true;
            return [];
        }
    }

    private static byte[] Event(string name, ReadOnlySpan<byte> json) => [.. Encoding.ASCII.GetBytes($"event: {name}\ndata: "), .. json, .. "\n\n"u8];
}
