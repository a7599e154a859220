using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Forests;
using StreamScorer.Telemetry;

namespace StreamScorer.Scoring;

/// <summary>
/// Named models and idle engines for them, shared by the worker and the API. Models can be added, removed and reloaded
/// while others score. A reload builds the new model whole before it takes the name; one that fails leaves the old model
/// in place and says so (<see cref="Reloaded"/>, <see cref="ReloadFailures"/>, the log). Thread safe.
/// </summary>
public sealed class PredictionEnginePool : IDisposable
{
    /// <summary>The name of the model file inside a model folder.</summary>
    public const string ModelFileName = "model.forest";

    private readonly ConcurrentDictionary<string, ModelSource> _sources = new(StringComparer.Ordinal);
    private readonly HotThreshold _threshold;
    private readonly ModelWatchOptions _watch;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private long _swaps;
    private long _reloadFailures;
    private int _lentEngines;

    /// <summary>A pool without models.</summary>
    /// <param name="threshold">Above which a lead is hot.</param>
    /// <param name="watch">How model files are watched; null takes the defaults.</param>
    /// <param name="clock">Drives the watching; null takes the system's.</param>
    /// <param name="log">Told of swaps and failures; may be null.</param>
    public PredictionEnginePool(
        HotThreshold threshold, ModelWatchOptions? watch = null, TimeProvider? clock = null,
        ILogger<PredictionEnginePool>? log = null)
    {
        _threshold = threshold;
        _watch = watch ?? new ModelWatchOptions();
        _clock = clock ?? TimeProvider.System;
        _log = log ?? NullLogger<PredictionEnginePool>.Instance;
    }

    /// <summary>Raised after every swap and every failed reload, on the thread that did it. Handlers must not throw.</summary>
    public event Action<ModelReload>? Reloaded;

    /// <summary>How many times a model was replaced by another.</summary>
    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>How many reloads failed and left the old model in place.</summary>
    public long ReloadFailures => Interlocked.Read(ref _reloadFailures);

    /// <summary>How many engines are out; one that never comes back is a leak.</summary>
    public int LentEngines => Volatile.Read(ref _lentEngines);

    /// <summary>The names of all models.</summary>
    public IReadOnlyCollection<string> Names => [.. _sources.Keys];

    /// <summary>Above which probability a lead is hot.</summary>
    public HotThreshold Threshold => _threshold;

    /// <summary>Loads a model from a file or a model folder and adds it, replacing a model of the same name.</summary>
    /// <exception cref="ForestException">The file is not a model; nothing was added.</exception>
    /// <exception cref="IOException">The file cannot be read; nothing was added.</exception>
    public PredictionEnginePool FromFile(string name, string path, bool watchForChanges = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, ModelFileName) : path;
        var signature = FileSignature.Of(file);
        var source = new ModelSource(file, new ScoringModel(name, ForestModel.Load(file)));
        if (watchForChanges)
            source.Watcher = new ModelFileWatcher(file, signature, _watch, _clock, () => Reload(name, source));
        Put(name, source);
        return this;
    }

    /// <summary>Adds a model that is in memory, replacing a model of the same name.</summary>
    public void Add(string name, ForestModel model) => Add(new ScoringModel(name, model));

    /// <summary>Adds a model under its own name, replacing a model of that name.</summary>
    internal void Add(ScoringModel model) => Put(model.Name, new ModelSource(null, model));

    /// <summary>Removes a model and stops watching its file; engines that are lent out finish with it.</summary>
    /// <returns>False where there is no such model.</returns>
    public bool Remove(string name)
    {
        var removed = _sources.TryRemove(name, out var source);
        source?.Dispose();
        return removed;
    }

    /// <summary>Loads a model's file again now. A failure leaves the old model in place.</summary>
    /// <returns>Whether the file's model serves now; a file that has not changed counts.</returns>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidOperationException">The model was not loaded from a file.</exception>
    public bool Reload(string name)
    {
        var source = Source(name);
        if (source.Path is null)
            throw new InvalidOperationException($"The model '{name}' did not come from a file; add it anew instead.");
        return Reload(name, source);
    }

    /// <summary>The model that serves under a name now: a snapshot to keep for a whole micro-batch.</summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    public ScoringModel GetModel(string name) => Source(name).Current;

    /// <summary>
    /// An engine for the model that serves under a name now; give it back with <see cref="ReturnPredictionEngine"/>.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    public PredictionEngine GetPredictionEngine(string name) => GetPredictionEngine(GetModel(name));

    /// <summary>An engine for exactly this snapshot, even if the pool has moved on.</summary>
    public PredictionEngine GetPredictionEngine(ScoringModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var engine = model.Rent(_threshold);
        engine.Lend();
        Interlocked.Increment(ref _lentEngines);
        return engine;
    }

    /// <summary>Takes an engine back.</summary>
    /// <exception cref="InvalidOperationException">It was given back already: two threads would share its buffers.</exception>
    public void ReturnPredictionEngine(PredictionEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (!engine.TryTakeBack())
            throw new InvalidOperationException("The engine was given back twice.");
        Interlocked.Decrement(ref _lentEngines);
        engine.Model.Return(engine);
    }

    /// <summary>Scores one lead with the model that serves under a name now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    /// <exception cref="ArgumentException">A required feature is absent or a value has the wrong type.</exception>
    public LeadPrediction Predict(string name, LeadEvent lead)
    {
        var engine = GetPredictionEngine(name);
        try
        {
            return engine.Predict(lead);
        }
        finally
        {
            ReturnPredictionEngine(engine);
        }
    }

    /// <summary>
    /// Scores a batch of feature rows with the model that serves under a name now; all of them with the same one.
    /// </summary>
    /// <returns>The model that scored the rows.</returns>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    public ScoringModel Predict(string name, ReadOnlySpan<double> rows, Span<double> raw, Span<double> probability)
    {
        var engine = GetPredictionEngine(name);
        try
        {
            engine.Predict(rows, raw, probability);
            return engine.Model;
        }
        finally
        {
            ReturnPredictionEngine(engine);
        }
    }

    /// <summary>Stops watching and forgets all models.</summary>
    public void Dispose()
    {
        foreach (var name in _sources.Keys)
            Remove(name);
    }

    private ModelSource Source(string name) =>
        _sources.TryGetValue(name, out var source)
            ? source
            : throw new KeyNotFoundException(
                $"There is no model '{name}' in the pool; it has: {string.Join(", ", _sources.Keys)}.");

    private void Put(string name, ModelSource source)
    {
        ModelSource? old = null;
        _sources.AddOrUpdate(name, source, (_, previous) =>
        {
            old = previous;
            return source;
        });
        old?.Dispose();
        if (old is not null && old.Current.Id != source.Current.Id)
            Announce(new ModelReload(name, old.Current.Id, source.Current.Id, null));
    }

    private bool Reload(string name, ModelSource source)
    {
        // One reload of a model at a time: the later one must not be overwritten by the earlier one's file.
        lock (source.ReloadGate)
        {
            var old = source.Current;
            try
            {
                var forest = ForestModel.Load(source.Path!);
                if (forest.Id == old.Id)
                    return true;
                source.Current = new ScoringModel(name, forest);
                Announce(new ModelReload(name, old.Id, forest.Id, null));
                return true;
            }
            catch (Exception e) when (e is ForestException or IOException or UnauthorizedAccessException)
            {
                Announce(new ModelReload(name, old.Id, null, e));
                return false;
            }
        }
    }

    private void Announce(ModelReload reload)
    {
        if (reload.NewId is not null)
        {
            Interlocked.Increment(ref _swaps);
            _log.ModelSwapped(reload.Name, reload.OldId, reload.NewId);
        }
        else
        {
            Interlocked.Increment(ref _reloadFailures);
            _log.ModelReloadFailed(reload.Name, reload.OldId, reload.Error!.Message);
        }

        Reloaded?.Invoke(reload);
    }

    /// <summary>A name's current model and where it comes from.</summary>
    private sealed class ModelSource(string? path, ScoringModel model) : IDisposable
    {
        private volatile ScoringModel _current = model;

        public string? Path { get; } = path;

        public Lock ReloadGate { get; } = new();

        public ModelFileWatcher? Watcher { get; set; }

        public ScoringModel Current
        {
            get => _current;
            set => _current = value;
        }

        public void Dispose() => Watcher?.Dispose();
    }
}
