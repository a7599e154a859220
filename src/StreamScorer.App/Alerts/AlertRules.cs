using System.Globalization;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.App.Alerts;

/// <summary>
/// The conditions that the worker watches by itself, for those without Prometheus: the same as in
/// src/monitoring/streamscorer.rules.yml, on this worker's figures.
/// </summary>
internal static class AlertRules
{
    public static IReadOnlyList<AlertRule> All { get; } =
    [
        new("StreamScorerNotReady", AlertSeverity.Critical, Minutes(2), 0, figures =>
            from each in figures.Dependencies
            where !each.Value.IsUp
            select new AlertFinding(each.Key, $"{each.Key} does not answer the worker: {each.Value.Reason}.")),
        new("StreamScorerCheckpointStuck", AlertSeverity.Critical, Minutes(1), AlertLimits.OpenSeconds, figures => When(
            figures.OpenAge.TotalSeconds > AlertLimits.OpenSeconds,
            $"The worker has published no checkpoint for {figures.OpenAge.TotalMinutes:0} minutes though records wait.")),
        new("StreamScorerLagHigh", AlertSeverity.Warning, Minutes(10), AlertLimits.LagRecords, figures => When(
            figures.Lag > AlertLimits.LagRecords, $"{figures.Lag:N0} records wait on the topic.")),
        new("StreamScorerDependencyErrors", AlertSeverity.Warning, Minutes(5), AlertLimits.FailuresPerSecond, figures =>
            from each in figures.FailuresPerSecond
            where each.Value > AlertLimits.FailuresPerSecond
            select Finding(each.Key, $"Uses of {each.Key} fail {each.Value:0.##} times a second.")),
        new("StreamScorerDeadLetters", AlertSeverity.Warning, Minutes(5), AlertLimits.DeadLetterShare, figures => When(
            figures.DeadLetterShare > AlertLimits.DeadLetterShare, $"{figures.DeadLetterShare:P1} of the records become dead letters.")),
        new("StreamScorerSchemaFailures", AlertSeverity.Critical, Minutes(5), AlertLimits.SchemaFailureShare, figures => ByFeature(
            figures, feature => feature.FailureRate, AlertLimits.SchemaFailureShare,
            (name, rate) => $"{rate:P1} of the events break the schema at feature {name}.")),
        new("StreamScorerFeatureDrift", AlertSeverity.Warning, Minutes(10), AlertLimits.FeaturePsi, figures => ByFeature(
            figures, feature => feature.PopulationStabilityIndex, AlertLimits.FeaturePsi,
            (name, psi) => $"Feature {name} has drifted from its training distribution (PSI {psi:0.00}).")),
        new("StreamScorerNullRate", AlertSeverity.Warning, Minutes(10), AlertLimits.ExtraNulls, figures => ByFeature(
            figures, feature => feature.NullRate - feature.TrainingNullRate, AlertLimits.ExtraNulls,
            (name, extra) => $"Feature {name} is missing {extra:P1} more often than in training.")),
        new("StreamScorerUnseenCategories", AlertSeverity.Warning, Minutes(10), AlertLimits.ExtraUnseen, figures => ByFeature(
            figures, feature => feature.UnseenRate - feature.TrainingUnseenRate, AlertLimits.ExtraUnseen,
            (name, extra) => $"{extra:P1} more values of feature {name} than in training are categories that training hardly saw.")),
        new("StreamScorerScoreDrift", AlertSeverity.Warning, Minutes(10), AlertLimits.ScorePsi, figures =>
            from report in figures.Quality
            let psi = report.Scores?.PopulationStabilityIndex
            where psi > AlertLimits.ScorePsi
            select Finding(report.ModelName, $"The scores of model {report.ModelName} have drifted from training (PSI {psi:0.00}).")),
        new("StreamScorerQualityDrop", AlertSeverity.Critical, Minutes(30), AlertLimits.AucDrop, figures =>
            from model in figures.Models
            let drop = model.Expected.AucRoc - model.Realised.AucRoc
            where drop > AlertLimits.AucDrop
            select Finding(
                model.ModelName, $"Model {model.ModelName} ranks leads worse than its scores promised (AUC lower by {drop:0.00}).")),
        new("StreamScorerPrecisionDrop", AlertSeverity.Warning, Minutes(30), AlertLimits.PrecisionDrop, figures =>
            from model in figures.Models
            let drop = model.Expected.HotPrecision - model.Realised.HotPrecision
            where drop > AlertLimits.PrecisionDrop
            select Finding(
                model.ModelName, $"Hot leads of model {model.ModelName} convert less often than their scores promised (by {drop:P1}).")),
        new("StreamScorerDiskFull", AlertSeverity.Critical, Minutes(5), AlertLimits.FreeShare, figures => When(
            figures.FreeShare < AlertLimits.FreeShare, $"{figures.FreeShare:P1} of the disk of the archive are free.")),
    ];

    private static TimeSpan Minutes(int count) => TimeSpan.FromMinutes(count);

    private static IEnumerable<AlertFinding> When(bool holds, FormattableString summary) => holds ? [Finding("", summary)] : [];

    private static IEnumerable<AlertFinding> ByFeature(
        AlertFigures figures, Func<FeatureQuality, double?> figure, double limit, Func<string, double, FormattableString> summary) =>
        from report in figures.Quality
        from feature in report.Features
        let value = figure(feature)
        where value > limit
        select Finding(feature.Name, summary(feature.Name, value.Value));

    private static AlertFinding Finding(string subject, FormattableString summary) =>
        new(subject, summary.ToString(CultureInfo.InvariantCulture));
}
