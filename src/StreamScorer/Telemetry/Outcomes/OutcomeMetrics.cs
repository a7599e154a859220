using System.Diagnostics.Metrics;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>
/// Outcomes and model quality as meters. Figures of models are those of the last join, the same on every worker of a
/// group, and absent below <see cref="LeastOutcomes"/> outcomes.
/// </summary>
public sealed class OutcomeMetrics : IDisposable
{
    /// <summary>With fewer outcomes than this the error of an AUC is larger than any drop worth an alert.</summary>
    public const int LeastOutcomes = 200;

    private readonly Meter _meter = new(ScorerMetrics.MeterName);
    private readonly Counter<long> _recorded;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _joined;
    private readonly Counter<long> _failures;
    private volatile IReadOnlyList<ModelQuality> _models = [];

    /// <summary>Creates the instruments.</summary>
    public OutcomeMetrics()
    {
        _recorded = _meter.CreateCounter<long>("streamscorer.outcomes.recorded", "{outcome}", "Outcomes of leads recorded.");
        _rejected = _meter.CreateCounter<long>("streamscorer.outcomes.rejected", "{message}", "Records that are no outcome.");
        _joined = _meter.CreateCounter<long>("streamscorer.outcomes.joined", "{outcome}", "Outcomes joined to the score acted on.");
        _failures = _meter.CreateCounter<long>("streamscorer.outcomes.join_failures", "{failure}", "Failed attempts to join outcomes.");
        Gauge("streamscorer.model.outcomes", "Outcomes that a model's figures rest on.", model => model.Realised.Rows);
        Gauge("streamscorer.model.auc", "Area under the ROC curve of scores acted on and outcomes.", model => model.Realised.AucRoc);
        Gauge("streamscorer.model.log_loss", "Mean cross entropy, in nats.", model => model.Realised.LogLoss);
        Gauge("streamscorer.model.calibration_error", "Mean distance of predicted and observed rate.", model => model.Realised.CalibrationError);
        Gauge("streamscorer.model.hot_precision", "Share of conversions above 0.7.", model => model.Realised.HotPrecision);
        Gauge(
            "streamscorer.model.estimated_auc", "AUC that the same scores promised before the outcomes.", model => model.Expected.AucRoc);
        Gauge(
            "streamscorer.model.estimated_hot_precision", "Precision above 0.7 that the same scores promised.",
            model => model.Expected.HotPrecision);
        _meter.CreateObservableGauge("streamscorer.model.conversion_rate", Conversion, null, "Share of conversions by tier.");
    }

    /// <summary>The figures of the last join, whatever their number of outcomes.</summary>
    public IReadOnlyList<ModelQuality> Models
    {
        get => _models;
        set => _models = value;
    }

    /// <summary>The models with outcomes enough to speak of.</summary>
    public IEnumerable<ModelQuality> Reported => _models.Where(model => model.Realised.Rows >= LeastOutcomes);

    /// <summary>A batch was recorded.</summary>
    public void Recorded(OutcomeBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _recorded.Add(batch.Outcomes.Count);
        _rejected.Add(batch.Rejected.Count);
    }

    /// <summary>Outcomes have met their scores.</summary>
    public void Joined(int outcomes) => _joined.Add(outcomes);

    /// <summary>An attempt to join failed.</summary>
    public void JoinFailed() => _failures.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<ModelQuality, double?> figure) => _meter.CreateObservableGauge(
        name,
        () => from model in Reported
              let value = figure(model)
              where value is not null
              select new Measurement<double>(value.Value, Tags(model)),
        null, description);

    private IEnumerable<Measurement<double>> Conversion() =>
        from model in Reported
        from bucket in model.Buckets
        where bucket.Leads > 0
        select new Measurement<double>(bucket.Rate, [.. Tags(model), new("tier", bucket.Tier.ToString())]);

    private static KeyValuePair<string, object?>[] Tags(ModelQuality model) =>
        [new("model", model.ModelName), new("model_id", model.ModelId[..Math.Min(12, model.ModelId.Length)])];
}
