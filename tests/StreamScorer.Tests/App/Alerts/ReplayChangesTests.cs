using StreamScorer.App.Alerts;
using StreamScorer.Telemetry.Quality;
using StreamScorer.Tests.Telemetry.Quality;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.Tests.App.Alerts;

/// <summary>
/// What <c>replay</c> can spoil, by the replay's own code through decoder, scorer and counters into the alerts: each fault is
/// seen and named within a window, and a replay without one raises nothing.
/// </summary>
public sealed class ReplayChangesTests : IDisposable
{
    private const int Leads = 4000; // 30 % of them are streamed: a window and a little more.

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Twenty_seeds_without_a_change_raise_nothing()
    {
        for (var seed = 300; seed < 320; seed++)
            Assert.True(Raised(seed) is [], $"seed {seed}: {string.Join(", ", Raised(seed))}");
    }

    [Theory]
    [InlineData("TotalVisits=+2sd", "StreamScorerFeatureDrift totalVisits")]
    [InlineData("totalBrowsingTime=-1sd", "StreamScorerFeatureDrift totalBrowsingTime")]
    [InlineData("AvgListingsViewedPerSession=+3.5", "StreamScorerFeatureDrift avgListingsViewedPerSession")]
    public void A_shifted_feature_drifts_by_name(string shift, string alert)
    {
        var raised = Raised(7, FeatureChange.Shift(shift));
        Assert.Equal([alert], raised.Where(name => name.StartsWith("StreamScorerFeatureDrift", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_dropped_field_is_a_schema_failure_by_name() =>
        Assert.Equal(["StreamScorerSchemaFailures lastAction"], Raised(7, FeatureChange.Drop("LastAction")));

    [Fact]
    public void A_null_flood_is_named() =>
        Assert.Contains("StreamScorerNullRate totalVisits", Raised(7, FeatureChange.Null("TotalVisits=0.5")));

    [Fact]
    public void A_new_category_is_named() =>
        Assert.Contains("StreamScorerUnseenCategories referralSource", Raised(7, FeatureChange.Category("ReferralSource=Carrier Pigeon")));

    [Theory]
    [InlineData("TotalVisits")]
    [InlineData("=+2sd")]
    [InlineData("TotalVisits=twosd")]
    [InlineData("TotalVisits=NaN")]
    public void What_is_no_shift_is_told(string text) => Assert.Throws<FormatException>(() => FeatureChange.Shift(text));

    [Theory]
    [InlineData("TotalVisits=0")]
    [InlineData("TotalVisits=1.01")]
    public void What_is_no_share_is_told(string text) => Assert.Throws<FormatException>(() => FeatureChange.Null(text));

    [Fact]
    public void A_change_that_does_not_fit_the_dataset_is_told()
    {
        var dataset = Dataset(7);
        Assert.Contains("TotalVisits", Fault(FeatureChange.Drop("Visits")), StringComparison.Ordinal);
        Assert.Contains("not numeric", Fault(FeatureChange.Shift("City=+1")), StringComparison.Ordinal);
        Assert.Contains("is numeric", Fault(FeatureChange.Category("TotalVisits=many")), StringComparison.Ordinal);

        string Fault(FeatureChange change) => Assert.Throws<FormatException>(() => new FeatureChanger(dataset, [change])).Message;
    }

    private List<string> Raised(int seed, params FeatureChange[] changes)
    {
        var dataset = Dataset(seed);
        var changer = new FeatureChanger(dataset, changes);
        using var messages = new ReplayMessages();
        using var scene = new QualityScene();
        scene.Feed(dataset.Files.SelectMany(file => file.ReadLeads()).Select(lead =>
        {
            changer.Apply(lead);
            var message = messages.Event(lead, "e", DateTimeOffset.UnixEpoch);
            return (message.Key, message.Value, lead.Converted);
        }));
        return
        [
            .. from rule in AlertRules.All
               from finding in rule.Check(AlertBookTests.Figures(0) with { Quality = scene.Quality.Reports(QualityWindow.Hour) })
               select $"{rule.Name} {finding.Subject}",
        ];
    }

    private PreparedDataset Dataset(int seed)
    {
        var folder = _folder[$"seed-{seed}"];
        if (!Directory.Exists(folder))
            SyntheticDataset.WriteFolder(folder, new GenerationOptions { Leads = Leads, Partitions = 2, Seed = seed });
        return PreparedDataset.Open(Path.Combine(folder, PreparedLayout.StreamingFolder));
    }
}
