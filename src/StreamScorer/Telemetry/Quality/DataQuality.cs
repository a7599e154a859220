using System.Collections.Immutable;
using StreamScorer.Scoring;

namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// The data quality of every model in use: fed by the loop once per micro-batch, read by exporters, alerts and pages.
/// </summary>
/// <param name="clock">Moves the windows.</param>
/// <param name="isEnabled">Otherwise nothing is counted and there are no models.</param>
public sealed class DataQuality(TimeProvider clock, bool isEnabled = true)
{
    // After so many swaps the oldest model's counters go, so that neither memory nor series grow with them.
    private const int MostModels = 4;

    private ImmutableArray<DataQualityCounters> _models = [];
    private DataQualityCounters? _last;
    private ScoringModel? _lastModel;

    /// <summary>The counters of the models in use, the newest last.</summary>
    public ImmutableArray<DataQualityCounters> Models => _models;

    /// <summary>Enters a model, so that its counters stand at zero before its first event.</summary>
    public DataQualityCounters Enter(ScoringModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var counters = _models.FirstOrDefault(known => known.ModelId == model.Id && known.ModelName == model.Name)
            ?? new DataQualityCounters(model, clock);
        ImmutableInterlocked.Update(
            ref _models,
            static (models, entered) => models.Contains(entered) ? models : models.Add(entered).RemoveRange(0, Math.Max(0, models.Length + 1 - MostModels)),
            counters);
        return counters;
    }

    /// <summary>Whether anything is counted (setting <c>Quality:Enabled</c>).</summary>
    public bool IsEnabled => isEnabled;

    /// <summary>Counts a micro-batch. One thread at a time.</summary>
    /// <inheritdoc cref="DataQualityCounters.Observe"/>
    public void Observe(ScoringModel model, ReadOnlySpan<double> rows, ScoredBatch scored)
    {
        if (!isEnabled)
            return;
        if (!ReferenceEquals(_lastModel, model))
            (_last, _lastModel) = (Enter(model), model);
        _last!.Observe(rows, scored);
    }

    /// <summary>The reports of every model whose window has seen enough.</summary>
    public IReadOnlyList<DataQualityReport> Reports(QualityWindow window) =>
        [.. _models.Select(counters => DataQualityReport.Of(counters, window)).OfType<DataQualityReport>()];
}
