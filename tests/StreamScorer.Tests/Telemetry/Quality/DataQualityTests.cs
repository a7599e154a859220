using System.Text.Json.Nodes;
using StreamScorer.Features;
using StreamScorer.Telemetry.Quality;
using Xunit;

namespace StreamScorer.Tests.Telemetry.Quality;

/// <summary>What producers do wrong is seen, and named; what they do right raises nothing.</summary>
public sealed class DataQualityTests
{
    // The limits of the alerts; AlertRulesTests holds rules and alerter to the same ones.
    private const double MostPsi = 0.2;
    private const double MostExtraNulls = 0.1;
    private const double MostExtraUnseen = 0.05;

    [Fact]
    public void Twenty_seeds_of_unshifted_leads_raise_nothing()
    {
        for (var seed = 100; seed < 120; seed++)
        {
            using var scene = new QualityScene();
            scene.Feed(1000, seed);
            var report = scene.Report();
            Assert.True(report is not null, $"seed {seed}: no report");
            Assert.True(Conspicuous(report).Count == 0, $"seed {seed}: {string.Join(", ", Conspicuous(report))}");
            Assert.True(report.Scores!.PopulationStabilityIndex < MostPsi, $"seed {seed}: scores {report.Scores.PopulationStabilityIndex}");
            Assert.Equal(0, report.FailureRate);
        }
    }

    [Fact]
    public void Switched_off_nothing_is_counted()
    {
        using var scene = new QualityScene(isEnabled: false);
        scene.Feed(1500, 100);
        Assert.Empty(scene.Quality.Models);
        Assert.Null(scene.Report());
    }

    [Fact]
    public void A_shifted_number_drifts_by_name_and_no_other_feature_does()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, _) =>
        {
            if (json["totalBrowsingTime"] is { } value)
                json["totalBrowsingTime"] = (value.GetValue<double>() * 1.5) + 120;
        });
        Assert.Equal(["drift totalBrowsingTime"], Conspicuous(scene.Report()!));
        var kl = scene.Report()!.Features.Single(feature => feature.Name == "totalBrowsingTime").KullbackLeibler;
        Assert.True(kl > 0.1, $"{kl}");
    }

    [Fact]
    public void A_shifted_category_drifts_by_name()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, i) => json["city"] = i % 2 == 0 ? "Mumbai" : json["city"]?.DeepClone());
        Assert.Contains("drift city", Conspicuous(scene.Report()!));
    }

    [Fact]
    public void A_new_category_is_seen_and_named()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, i) =>
        {
            if (i % 5 == 0)
                json["referralSource"] = "Carrier Pigeon";
        });
        Assert.Contains("unseen referralSource", Conspicuous(scene.Report()!));
        Assert.DoesNotContain(Conspicuous(scene.Report()!), fault => fault.StartsWith("unseen", StringComparison.Ordinal) && !fault.EndsWith("referralSource", StringComparison.Ordinal));
    }

    [Fact]
    public void A_null_flood_is_seen_and_named()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, i) =>
        {
            if (i % 3 == 0)
                json["totalVisits"] = null;
        });
        Assert.Contains("nulls totalVisits", Conspicuous(scene.Report()!));
        var visits = scene.Report()!.Features.Single(feature => feature.Name == "totalVisits");
        Assert.InRange(visits.NullRate!.Value, 0.33, 0.37);
    }

    [Fact]
    public void A_dropped_required_field_is_a_schema_failure_by_name()
    {
        using var scene = new QualityScene();
        scene.Feed(2000, 7, (json, i) =>
        {
            if (i % 4 == 0)
                json.Remove("lastAction");
        });
        var report = scene.Report()!;
        Assert.Equal(500, report.FailuresByReason[BadRecordReason.MissingFeature]);
        Assert.Equal(0.25, report.FailureRate);
        Assert.Equal(["lastAction"], report.Features.Where(feature => feature.FailureRate > 0).Select(feature => feature.Name));
    }

    [Fact]
    public void A_field_that_every_event_lacks_is_reported_though_nothing_is_scored()
    {
        using var scene = new QualityScene();
        scene.Feed(1000, 7, (json, _) => json.Remove("lastAction"));
        var report = scene.Report()!;
        Assert.Equal((0, 1.0), (report.Rows, report.FailureRate));
        Assert.Null(report.Scores);
        Assert.Equal(1, report.Features.Single(feature => feature.Name == "lastAction").FailureRate);
        Assert.All(report.Features, feature => Assert.Null(feature.PopulationStabilityIndex));
    }

    [Fact]
    public void A_wrong_type_is_a_schema_failure_by_name()
    {
        using var scene = new QualityScene();
        scene.Feed(1000, 7, (json, i) =>
        {
            if (i < 100)
                json["totalVisits"] = new JsonArray();
        });
        Assert.Equal(0.1, scene.Report()!.Features.Single(feature => feature.Name == "totalVisits").FailureRate);
    }

    [Fact]
    public void Nothing_is_reported_below_a_thousand_rows()
    {
        using var scene = new QualityScene();
        scene.Feed(999, 7);
        Assert.Null(scene.Report());
        scene.Feed(1, 8);
        Assert.NotNull(scene.Report());
    }

    [Fact]
    public void Scores_have_their_mean_deviation_and_quantiles()
    {
        using var scene = new QualityScene();
        scene.Feed(3000, 7);
        var scores = scene.Report()!.Scores!;
        var sorted = scene.Scored.Select(scored => scored.Probability).Order().ToList();
        var mean = sorted.Average();
        Assert.Equal(mean, scores.Mean, 6);
        Assert.Equal(Math.Sqrt(sorted.Average(p => (p - mean) * (p - mean))), scores.StandardDeviation, 5);
        for (var i = 0; i < scores.Quantiles.Count; i++)
            Assert.Equal(sorted[(int)(ScoreQuality.QuantileLevels[i] * sorted.Count)], scores.Quantiles[i], 0.006);
    }

    /// <summary>What an operator would be told, in the words of the tests.</summary>
    private static List<string> Conspicuous(DataQualityReport report)
    {
        var faults = new List<string>();
        foreach (var feature in report.Features)
        {
            if (feature.PopulationStabilityIndex > MostPsi)
                faults.Add("drift " + feature.Name);
            if (feature.NullRate > feature.TrainingNullRate + MostExtraNulls)
                faults.Add("nulls " + feature.Name);
            if (feature.UnseenRate > feature.TrainingUnseenRate + MostExtraUnseen)
                faults.Add("unseen " + feature.Name);
        }

        return faults;
    }
}
