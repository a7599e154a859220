using System.Collections.Concurrent;
using StreamScorer.Forests;

namespace StreamScorer.Scoring;

/// <summary>
/// A loaded model under its name in the pool: an immutable snapshot. Whoever holds one scores with exactly this model,
/// whatever the pool swaps meanwhile; a micro-batch takes one and keeps it to its end.
/// </summary>
public class ScoringModel
{
    // Idle engines live and die with their model, so that a swap leaves nothing of the old one behind.
    private readonly ConcurrentQueue<PredictionEngine> _idle = new();
    private readonly Lazy<ReasonText> _reasons;

    /// <summary>Wraps a forest.</summary>
    public ScoringModel(string name, ForestModel forest)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(forest);
        Name = name;
        Forest = forest;
        Id = forest.Id;
        Schema = forest.Schema;
        _reasons = new Lazy<ReasonText>(() => new ReasonText(Schema));
    }

    /// <summary>The name in the pool.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the model file, hex.</summary>
    public string Id { get; }

    /// <summary>The trees, their calibration and buckets.</summary>
    public ForestModel Forest { get; }

    /// <summary>The features that the model wants.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Words for reasons.</summary>
    internal ReasonText Reasons => _reasons.Value;

    /// <summary>An idle engine, or a new one.</summary>
    internal PredictionEngine Rent(HotThreshold threshold) =>
        _idle.TryDequeue(out var engine) ? engine : CreateEngine(threshold);

    /// <summary>A new engine. A test's model makes one that fails.</summary>
    internal virtual PredictionEngine CreateEngine(HotThreshold threshold) => new(this, threshold);

    /// <summary>Takes an engine back; beyond two per processor they are left to the garbage collector.</summary>
    internal void Return(PredictionEngine engine)
    {
        if (_idle.Count < Environment.ProcessorCount * 2)
            _idle.Enqueue(engine);
    }
}
