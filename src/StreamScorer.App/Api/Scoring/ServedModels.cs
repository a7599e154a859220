using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using StreamScorer.Forests;
using StreamScorer.Scoring;

namespace StreamScorer.App.Api.Scoring;

/// <summary>
/// The models that the API scores with: all of the pool's, which are the worker's own and those of
/// <see cref="ApiOptions.ModelsFolder"/>. Hands out scorers for requests and keeps idle ones with their model, so that a
/// request that follows another allocates none. Thread safe.
/// </summary>
internal sealed class ServedModels(PredictionEnginePool pool, StreamScorerOptions options, TimeProvider clock, ILogger<ServedModels> log)
{
    private readonly ConcurrentDictionary<string, IdleScorers> _idle = new(StringComparer.Ordinal);

    /// <summary>The model of the stream, which scores requests that name none.</summary>
    public string DefaultName => options.Scoring.ModelName;

    /// <summary>Names of all models.</summary>
    public IReadOnlyCollection<string> Names => pool.Names;

    /// <summary>Adds the models of the folder to the pool; one that cannot be loaded is told and left out.</summary>
    public void LoadFolder()
    {
        var root = options.Api.ModelsFolder;
        if (root.Length == 0 || !Directory.Exists(root))
            return;
        foreach (var folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(folder);
            if (name == DefaultName || !File.Exists(Path.Combine(folder, PredictionEnginePool.ModelFileName)))
                continue;
            try
            {
                pool.FromFile(name, folder, options.Scoring.WatchModel);
                log.ApiModelServes(name, pool.GetModel(name).Id[..12], folder);
            }
            catch (Exception exception) when (exception is ForestException or IOException or UnauthorizedAccessException)
            {
                log.ApiModelSkipped(folder, exception.Message);
            }
        }
    }

    /// <summary>The model that serves under a name now.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out ScoringModel? model)
    {
        try
        {
            model = pool.GetModel(name);
            return true;
        }
        catch (KeyNotFoundException)
        {
            // Asked for by a caller: rare, and the pool knows no other way to say so.
            model = null;
            return false;
        }
    }

    /// <summary>A scorer for one request with the model that serves under a name now; give it back when done.</summary>
    public bool TryRent(string name, [NotNullWhen(true)] out RequestScorer? scorer)
    {
        scorer = null;
        if (!TryGet(name, out var model))
            return false;
        var idle = _idle.GetOrAdd(name, static (_, serving) => new IdleScorers(serving), model);
        if (!ReferenceEquals(idle.Model, model))
            idle = _idle[name] = new IdleScorers(model);
        if (!idle.Scorers.TryDequeue(out scorer))
            scorer = new RequestScorer(model, pool.Threshold, options.Api.MaxLeads, options.Scoring.TopReasons, clock);
        return true;
    }

    /// <summary>Takes a scorer back; beyond a few per processor, or of a model that serves no more, it is let go.</summary>
    public void Return(RequestScorer scorer)
    {
        if (_idle.TryGetValue(scorer.Model.Name, out var idle) && ReferenceEquals(idle.Model, scorer.Model)
            && idle.Scorers.Count < Environment.ProcessorCount * 8)
        {
            idle.Scorers.Enqueue(scorer);
        }
    }

    private sealed record IdleScorers(ScoringModel Model)
    {
        public ConcurrentQueue<RequestScorer> Scorers { get; } = new();
    }
}
