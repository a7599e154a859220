namespace StreamScorer.Scoring;

/// <summary>
/// Tells when a file has changed and then stayed the same for a while. The operating system's notices make it quick;
/// polling makes it sure, because notices are missing on network drives, run out, and do not follow a folder that is
/// replaced as a whole. Calls back on a timer thread, never twice at the same time.
/// </summary>
internal sealed class ModelFileWatcher : IDisposable
{
    private readonly string _path;
    private readonly ModelWatchOptions _options;
    private readonly Action _changed;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private readonly FileSystemWatcher? _notices;
    private FileSignature? _known;
    private FileSignature? _pending;
    private bool _disposed;

    /// <summary>Starts watching.</summary>
    /// <param name="path">The file.</param>
    /// <param name="known">Its state when it was last read.</param>
    /// <param name="options">How often and how long.</param>
    /// <param name="clock">Drives the timer.</param>
    /// <param name="changed">Called once per settled change. Must not throw.</param>
    public ModelFileWatcher(string path, FileSignature? known, ModelWatchOptions options, TimeProvider clock, Action changed)
    {
        _path = path;
        _known = known;
        _options = options;
        _changed = changed;
        _timer = clock.CreateTimer(_ => Look(), null, options.PollInterval, Timeout.InfiniteTimeSpan);
        _notices = WatchFolder();
    }

    public void Dispose()
    {
        _notices?.Dispose();
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private FileSystemWatcher? WatchFolder()
    {
        try
        {
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            watcher.Changed += (_, notice) => LookSoon(notice.Name);
            watcher.Created += (_, notice) => LookSoon(notice.Name);
            watcher.Renamed += (_, notice) => LookSoon(notice.Name);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // No notices left (inotify's limits) or no such folder yet: polling does it alone.
            return null;
        }
    }

    // Only this file's notices count: each one puts the look off again, and a busy neighbour must not do so for ever.
    private void LookSoon(string? changedName)
    {
        if (changedName == Path.GetFileName(_path))
            Schedule(_options.Debounce);
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = FileSignature.Of(_path);
            var next = _options.PollInterval;
            if (now is not null && now != _known)
            {
                // Loaded only once two looks in a row see the same: whoever writes in place needs time to finish.
                if (now == _pending)
                {
                    _known = now;
                    _changed();
                }
                else
                {
                    next = _options.Debounce;
                }
            }

            _pending = now;
            Schedule(next);
        }
    }

    private void Schedule(TimeSpan wait)
    {
        try
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // A notice was under way while Dispose ran; there is nothing left to schedule.
        }
    }
}

/// <summary>How a model file is watched.</summary>
public sealed record ModelWatchOptions
{
    /// <summary>How often the file is looked at where no notice of a change arrives.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a changed file must stay the same before it is loaded.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(200);
}
