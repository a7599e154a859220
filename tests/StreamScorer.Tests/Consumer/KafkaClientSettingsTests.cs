using StreamScorer.Consumer;
using Xunit;

namespace StreamScorer.Tests.Consumer;

public class KafkaClientSettingsTests
{
    [Fact]
    public void The_consumer_asks_for_more_than_a_record_at_a_time_and_waits_no_longer_than_half_a_micro_batch()
    {
        var options = new StreamScorerOptions();
        var config = KafkaClientSettings.Consumer(options.Kafka);

        Assert.Equal(32 * 1024, config.FetchMinBytes);
        Assert.InRange(config.FetchWaitMaxMs!.Value, 1, options.MicroBatch.MaxWait.TotalMilliseconds / 2);
    }

    [Theory]
    [InlineData("fetch.min.bytes", "1")]
    [InlineData("fetch.wait.max.ms", "500")]
    [InlineData("auto.offset.reset", "earliest")]
    public void What_a_user_sets_wins(string name, string value)
    {
        var config = KafkaClientSettings.Consumer(new KafkaOptions { Properties = { [name] = value } });

        Assert.Equal(value, config.Get(name));
    }

    [Fact]
    public void Offsets_are_never_committed_nor_reset_behind_the_workers_back()
    {
        var config = KafkaClientSettings.Consumer(new KafkaOptions());

        Assert.False(config.EnableAutoCommit);
        Assert.False(config.EnableAutoOffsetStore);
        Assert.Equal("error", config.Get("auto.offset.reset"));
    }
}
