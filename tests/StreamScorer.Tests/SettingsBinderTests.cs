using Microsoft.Extensions.Configuration;
using Xunit;

namespace StreamScorer.Tests;

public class SettingsBinderTests
{
    private static StreamScorerOptions Bind(params (string Key, string Value)[] settings) =>
        SettingsBinder.Bind(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());

    private static IReadOnlyList<string> Faults(params (string Key, string Value)[] settings) =>
        Assert.Throws<SettingsException>(() => Bind(settings)).Faults;

    [Fact]
    public void Defaults_are_valid() => Assert.Equal(0.7, Bind().Scoring.Threshold);

    [Fact]
    public void Values_reach_the_options()
    {
        var options = Bind(("Kafka:Topic", "leads"), ("MicroBatch:MaxWait", "00:00:00.005"), ("Kafka:OnOffsetOutOfRange", "earliest"));
        Assert.Equal("leads", options.Kafka.Topic);
        Assert.Equal("leads.dead-letters", options.Kafka.EffectiveDeadLetterTopic);
        Assert.Equal(TimeSpan.FromMilliseconds(5), options.MicroBatch.MaxWait);
        Assert.Equal(OffsetOutOfRangePolicy.Earliest, options.Kafka.OnOffsetOutOfRange);
    }

    [Fact]
    public void Underscores_in_client_properties_stand_for_dots() =>
        Assert.Equal("false", Bind(("Kafka:Properties:api_version_request", "false")).Kafka.Properties["api.version.request"]);

    [Fact]
    public void A_misspelt_key_is_refused_with_a_suggestion() =>
        Assert.Contains("Did you mean Topic?", Assert.Single(Faults(("Kafka:Topik", "leads"))), StringComparison.Ordinal);

    [Fact]
    public void Every_fault_is_listed_at_once() =>
        Assert.Equal(3, Faults(("Scoring:Threshold", "1.5"), ("MicroBatch:MaxRecords", "many"), ("Checkpoint:MaxRows", "0")).Count);

    [Fact]
    public void A_value_that_may_be_a_secret_is_not_echoed() =>
        Assert.DoesNotContain(Faults(("MicroBatch:MaxRecords", "s3cret")), fault => fault.Contains("s3cret", StringComparison.Ordinal));

    [Fact]
    public void The_drain_budget_is_checked_against_the_session() =>
        Assert.Contains("DrainBudget", Assert.Single(Faults(("Kafka:SessionTimeout", "00:00:06"))), StringComparison.Ordinal);

    [Fact]
    public void Dead_letters_cannot_go_to_the_source() =>
        Assert.Contains("DeadLetterTopic", Assert.Single(Faults(("Kafka:DeadLetterTopic", "user-events"))), StringComparison.Ordinal);
}
