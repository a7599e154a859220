using System.Globalization;
using System.Text.RegularExpressions;
using StreamScorer.App.Alerts;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Tests.Telemetry.Quality;
using Xunit;

namespace StreamScorer.Tests.App.Alerts;

/// <summary>The worker's own conditions: those of the Prometheus rules, true when they should be and silent otherwise.</summary>
public sealed partial class AlertRulesTests
{
    [Fact]
    public void Limits_times_and_severities_are_those_of_the_prometheus_rules()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "src", "monitoring", "streamscorer.rules.yml"));
        var rules = PrometheusAlert().Matches(text).ToDictionary(match => match.Groups["name"].Value);
        foreach (var rule in AlertRules.All)
        {
            Assert.True(rules.TryGetValue(rule.Name, out var other), $"{rule.Name} is no Prometheus alert");
            Assert.Equal(rule.Severity.ToString().ToLowerInvariant(), other.Groups["severity"].Value);
            Assert.Equal($"{rule.For.TotalMinutes}m", other.Groups["for"].Value);
            Assert.EndsWith(rule.Limit.ToString(CultureInfo.InvariantCulture), other.Groups["expr"].Value, StringComparison.Ordinal);
            Assert.Equal(rule.Runbook, other.Groups["runbook"].Value);
        }
    }

    [Fact]
    public void Twenty_seeds_of_unshifted_leads_raise_no_alert()
    {
        for (var seed = 200; seed < 220; seed++)
        {
            using var scene = new QualityScene();
            scene.Feed(1000, seed);
            var raised = Raised(scene).ToList();
            Assert.True(raised.Count == 0, $"seed {seed}: {string.Join(", ", raised)}");
        }
    }

    [Fact]
    public void A_shifted_feature_is_named()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, _) => json["avgListingsViewedPerSession"] = 9.5);
        Assert.Contains("StreamScorerFeatureDrift avgListingsViewedPerSession", Raised(scene));
    }

    [Fact]
    public void Dropped_fields_new_categories_and_null_floods_are_named()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, i) =>
        {
            if (i % 10 == 0)
                json.Remove("leadCaptureChannel");
            if (i % 3 == 0)
                json["country"] = "Atlantis";
            if (i % 4 == 0)
                json["totalVisits"] = null;
        });
        var raised = Raised(scene).ToList();
        Assert.Contains("StreamScorerSchemaFailures leadCaptureChannel", raised);
        Assert.Contains("StreamScorerUnseenCategories country", raised);
        Assert.Contains("StreamScorerNullRate totalVisits", raised);
        Assert.DoesNotContain(raised, alert => alert.StartsWith("StreamScorerSchemaFailures", StringComparison.Ordinal) && !alert.EndsWith("leadCaptureChannel", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_that_ranks_worse_than_promised_is_named()
    {
        var random = new Random(4);
        ScoredOutcome[] outcomes =
        [
            .. Enumerable.Range(0, 500).Select(_ => new ScoredOutcome("m", "0123456789abcdef", random.NextDouble(), 3, random.Next(2) == 0)),
        ];
        var figures = AlertBookTests.Figures(0) with { Models = ModelQuality.Of(outcomes) };
        var raised = AlertRules.All.SelectMany(rule => rule.Check(figures).Select(_ => rule.Name)).ToList();
        Assert.Equal(["StreamScorerQualityDrop", "StreamScorerPrecisionDrop"], raised);
    }

    [Fact]
    public void The_reader_makes_rates_of_counters()
    {
        var clock = new StreamScorer.Tests.Telemetry.ManualClock();
        using var metrics = new ScorerMetrics();
        using var outcomes = new OutcomeMetrics();
        var readiness = new Readiness(clock);
        var reader = new AlertFigureReader(
            readiness, metrics, new StreamScorer.Telemetry.Quality.DataQuality(clock), outcomes, new StreamScorerOptions(), clock);
        reader.Read();
        for (var i = 0; i < 60; i++)
            readiness.Down(Readiness.PostgreSql, "refused");
        clock.Advance(TimeSpan.FromSeconds(120));
        var figures = reader.Read();
        Assert.Equal(0.5, figures.FailuresPerSecond[Readiness.PostgreSql]);
        Assert.Equal(0, figures.FailuresPerSecond[Readiness.Kafka]);
        clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(0, reader.Read().FailuresPerSecond[Readiness.PostgreSql]);
    }

    private static IEnumerable<string> Raised(QualityScene scene) =>
        from rule in AlertRules.All
        from finding in rule.Check(AlertBookTests.Figures(0) with { Quality = [scene.Report()!] })
        select $"{rule.Name} {finding.Subject}";

    [GeneratedRegex(
        @"- alert: (?<name>\w+)\n +expr: (?<expr>[^\n]+)\n +for: (?<for>\w+)\n +labels:\n +severity: (?<severity>\w+)\n +annotations:\n[^\n]+\n +runbook_url: (?<runbook>\S+)")]
    private static partial Regex PrometheusAlert();
}
