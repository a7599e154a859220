using System.Diagnostics.Metrics;
using System.Globalization;

namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// Data quality as meters. The counters over training bins can be summed over workers; the gauges are this worker's own
/// figures over its windows, absent below <see cref="DataQualityReport.LeastRows"/> records. Labels are models, features
/// and bins, at most <see cref="FeatureBinning.MostBins"/> for each feature: never a lead, never a value of an event
/// (bins of categories go by number).
/// </summary>
public sealed class DataQualityMetrics : IDisposable
{
    // One scrape asks every instrument in turn: they answer from one and the same report.
    private static readonly TimeSpan ReportAge = TimeSpan.FromSeconds(1);

    private readonly Meter _meter = new(ScorerMetrics.MeterName);
    private readonly DataQuality _quality;
    private readonly TimeProvider _clock;
    private readonly Lock _reporting = new();
    private IReadOnlyList<DataQualityReport> _reports = [];
    private long _reportedAt = long.MinValue;

    /// <summary>Creates the instruments.</summary>
    public DataQualityMetrics(DataQuality quality, TimeProvider clock)
    {
        _quality = quality;
        _clock = clock;
        _meter.CreateObservableCounter(
            "streamscorer.feature.rows", FeatureRows, "{event}", "Scored events by the bin of each feature's value.");
        _meter.CreateObservableGauge(
            "streamscorer.feature.training_share", TrainingShares, null, "Share of the training rows in each bin of a feature, half a row added to each.");
        _meter.CreateObservableCounter("streamscorer.score.rows", ScoreRows, "{event}", "Scored events by bin of their probability.");
        _meter.CreateObservableGauge(
            "streamscorer.score.training_share", ScoreTrainingShares, null, "Share of the training rows in each bin of probability, half a row added to each.");
        _meter.CreateObservableCounter(
            "streamscorer.schema.failures", SchemaFailures, "{event}", "Events that broke the model's schema, by reason.");
        _meter.CreateObservableCounter(
            "streamscorer.schema.feature_failures", FeatureFailures, "{event}", "Events that broke the model's schema, by feature.");
        CreateWindowGauges();
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void CreateWindowGauges()
    {
        Gauge("streamscorer.quality.rows", "Scored events that the window has seen.", report => report.Rows);
        Gauge("streamscorer.schema.failure_rate", "Share of the records that broke the schema.", report => report.FailureRate);
        FeatureGauge("streamscorer.feature.psi", "Population stability index against training.", feature => feature.PopulationStabilityIndex);
        FeatureGauge("streamscorer.feature.kl_divergence", "Kullback-Leibler divergence from training, in nats.", feature => feature.KullbackLeibler);
        FeatureGauge("streamscorer.feature.null_rate", "Share of events without a value.", feature => feature.NullRate);
        FeatureGauge(
            "streamscorer.feature.unseen_rate", "Share of values that training saw rarely or never.", feature => feature.UnseenRate);
        FeatureGauge(
            "streamscorer.feature.failure_rate", "Share of records that broke the schema by this feature.", feature => feature.FailureRate);
        Gauge("streamscorer.score.psi", "Population stability index of the scores against training.", report => report.Scores?.PopulationStabilityIndex);
        Gauge("streamscorer.score.mean", "Mean probability.", report => report.Scores?.Mean);
        Gauge("streamscorer.score.standard_deviation", "Standard deviation of the probabilities.", report => report.Scores?.StandardDeviation);
        _meter.CreateObservableGauge("streamscorer.score.quantile", Quantiles, null, "Quantiles of the probabilities.");
        Gauge("streamscorer.model.expected_auc", "AUC to expect from the calibrated scores.", report => report.Scores?.Expected.AucRoc);
        Gauge(
            "streamscorer.model.expected_hot_precision", "Precision above 0.7 to expect from the calibrated scores.",
            report => report.Scores?.Expected.HotPrecision);
        Gauge(
            "streamscorer.model.expected_log_loss", "Log loss to expect from the calibrated scores, in nats.",
            report => report.Scores?.Expected.LogLoss);
    }

    private void Gauge(string name, string description, Func<DataQualityReport, double?> figure) => _meter.CreateObservableGauge(
        name,
        () => from report in Reports()
              let value = figure(report)
              where value is not null
              select new Measurement<double>(value.Value, Tags(report)),
        null, description);

    private void FeatureGauge(string name, string description, Func<FeatureQuality, double?> figure) => _meter.CreateObservableGauge(
        name,
        () => from report in Reports()
              from feature in report.Features
              let value = figure(feature)
              where value is not null
              select new Measurement<double>(value.Value, [.. Tags(report), new("feature", feature.Name)]),
        null, description);

    private IReadOnlyList<DataQualityReport> Reports()
    {
        lock (_reporting)
        {
            var now = _clock.GetTimestamp();
            if (_reportedAt == long.MinValue || _clock.GetElapsedTime(_reportedAt, now) >= ReportAge)
            {
                _reports = [.. Enum.GetValues<QualityWindow>().SelectMany(_quality.Reports)];
                _reportedAt = now;
            }

            return _reports;
        }
    }

    private IEnumerable<Measurement<long>> FeatureRows() =>
        from model in _quality.Models
        let totals = model.ReadTotals()
        from feature in model.Layout.Features
        from bin in Enumerable.Range(0, feature.Count)
        select new Measurement<long>(
            model.Layout.Feature(totals, feature.Feature.Index)[bin],
            [.. Tags(model), new("feature", feature.Feature.StreamName), new("bin", BinLabel(feature, bin))]);

    private IEnumerable<Measurement<double>> TrainingShares() =>
        from model in _quality.Models
        from feature in model.Layout.Features
        let rows = feature.BaselineCounts.Sum()
        where rows > 0
        from bin in Enumerable.Range(0, feature.Count)
        select new Measurement<double>(
            Drift.SmoothedShare(feature.BaselineCounts[bin], rows, feature.Count),
            [.. Tags(model), new("feature", feature.Feature.StreamName), new("bin", BinLabel(feature, bin))]);

    private IEnumerable<Measurement<long>> ScoreRows() =>
        from model in _quality.Models
        let totals = model.ReadTotals()
        from bin in Enumerable.Range(0, model.Layout.ScoreBaseline.Count)
        select new Measurement<long>(SumOfFineBins(model.Layout, totals, bin), [.. Tags(model), new("bin", Number(bin))]);

    private IEnumerable<Measurement<double>> ScoreTrainingShares() =>
        from model in _quality.Models
        let rows = model.Layout.ScoreBaseline.Sum()
        where rows > 0
        from bin in Enumerable.Range(0, model.Layout.ScoreBaseline.Count)
        select new Measurement<double>(
            Drift.SmoothedShare(model.Layout.ScoreBaseline[bin], rows, model.Layout.ScoreBaseline.Count), [.. Tags(model), new("bin", Number(bin))]);

    private IEnumerable<Measurement<long>> SchemaFailures() =>
        from model in _quality.Models
        let totals = model.ReadTotals()
        from reason in QualityLayout.Reasons
        let count = totals[model.Layout.FailuresByReason + (int)reason]
        where count > 0
        select new Measurement<long>(count, [.. Tags(model), new("reason", reason.ToString())]);

    private IEnumerable<Measurement<long>> FeatureFailures() =>
        from model in _quality.Models
        let totals = model.ReadTotals()
        from binning in model.Layout.Features
        let feature = binning.Feature
        select new Measurement<long>(
            totals[model.Layout.FailuresByFeature + feature.Index], [.. Tags(model), new("feature", feature.StreamName)]);

    private IEnumerable<Measurement<double>> Quantiles() =>
        from report in Reports()
        where report.Scores is not null
        from level in Enumerable.Range(0, ScoreQuality.QuantileLevels.Count)
        select new Measurement<double>(
            report.Scores!.Quantiles[level],
            [.. Tags(report), new("quantile", ScoreQuality.QuantileLevels[level].ToString(CultureInfo.InvariantCulture))]);

    private static long SumOfFineBins(QualityLayout layout, ReadOnlySpan<long> totals, int bin)
    {
        long sum = 0;
        foreach (var count in totals.Slice(layout.Scores + (bin * QualityLayout.FinePerBaselineBin), QualityLayout.FinePerBaselineBin))
            sum += count;
        return sum;
    }

    private static KeyValuePair<string, object?>[] Tags(DataQualityCounters model) => Tags(model.ModelName, model.ModelId);

    private static KeyValuePair<string, object?>[] Tags(DataQualityReport report) =>
        [.. Tags(report.ModelName, report.ModelId), new("window", report.Window == QualityWindow.Hour ? "1h" : "24h")];

    // Twelve digits tell the models of one installation apart.
    private static KeyValuePair<string, object?>[] Tags(string name, string id) => [new("model", name), new("model_id", id[..12])];

    private static string BinLabel(FeatureBinning feature, int bin) =>
        bin == 0 ? FeatureBinning.MissingName : feature.IsCategorical && bin == FeatureBinning.RareBin ? FeatureBinning.RareName : Number(bin);

    private static string Number(int bin) => bin.ToString("00", CultureInfo.InvariantCulture);
}
