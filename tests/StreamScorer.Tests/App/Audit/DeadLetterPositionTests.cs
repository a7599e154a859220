using System.Text;
using Confluent.Kafka;
using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class DeadLetterPositionTests
{
    [Fact]
    public void HeadersNameThePosition()
    {
        var headers = Headers("lead-events", "3", "9000000000");

        Assert.True(DeadLetterPosition.TryRead(headers, "anything"u8, out var position));
        Assert.Equal(new DeadLetterPosition("lead-events", 3, 9_000_000_000), position);
    }

    [Fact]
    public void WithoutHeadersTheEnvelopeDoes()
    {
        var envelope = """{"reason":"NotJson","topic":"lead-events","partition":2,"offset":17,"key":null,"value":"bm90IGpzb24="}"""u8;

        Assert.True(DeadLetterPosition.TryRead(null, envelope, out var position));
        Assert.Equal(new DeadLetterPosition("lead-events", 2, 17), position);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"topic":"lead-events","partition":2,"offset":17}""")]
    [InlineData("""{"reason":"x","topic":"lead-events","partition":-2,"offset":17}""")]
    [InlineData("""{"reason":"x","topic":"lead-events","partition":"2","offset":17}""")]
    [InlineData("""{"reason":"x","topic":7,"partition":2,"offset":17}""")]
    public void AnythingElseIsNoDeadLetter(string value) =>
        Assert.False(DeadLetterPosition.TryRead(null, Encoding.UTF8.GetBytes(value), out _));

    [Theory]
    [InlineData("3x", "1")]
    [InlineData("3", "-1")]
    [InlineData("99999999999", "1")]
    public void BrokenHeadersAreNone(string partition, string offset) =>
        Assert.False(DeadLetterPosition.TryRead(Headers("lead-events", partition, offset), "x"u8, out _));

    private static Headers Headers(string topic, string partition, string offset) => new()
    {
        { "__connect.errors.topic", Encoding.UTF8.GetBytes(topic) },
        { "__connect.errors.partition", Encoding.UTF8.GetBytes(partition) },
        { "__connect.errors.offset", Encoding.UTF8.GetBytes(offset) },
    };
}
