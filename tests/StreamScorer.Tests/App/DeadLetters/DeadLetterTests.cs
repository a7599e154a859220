using System.Text;
using Confluent.Kafka;
using StreamScorer.App.DeadLetters;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.Tests.App.DeadLetters;

public class DeadLetterTests
{
    [Fact]
    public void Headers_carry_position_reason_and_the_bytes_are_the_events_own()
    {
        var letter = DeadLetter.Read(Record([0xff, 0x00], Headers("lead-events", "3", "17")));

        Assert.NotNull(letter);
        Assert.Equal(new EventPosition("lead-events", 3, 17), letter.Source);
        Assert.Equal(("InvalidJson", "Not JSON."), (letter.Reason, letter.Message));
        Assert.Equal(new LetterId(2, 9), letter.Id);
        Assert.Equal([0xff, 0x00], letter.Value);
        Assert.Null(letter.Quarantine);
    }

    [Fact]
    public void An_envelope_is_opened()
    {
        var value = """{"reason":"InvalidJson","message":"Not JSON.","topic":"lead-events","partition":1,"offset":5,"key":"a2V5","value":"/wA="}""";

        var letter = DeadLetter.Read(Record(Encoding.UTF8.GetBytes(value), null));

        Assert.NotNull(letter);
        Assert.Equal(new EventPosition("lead-events", 1, 5), letter.Source);
        Assert.Equal("key"u8.ToArray(), letter.Key);
        Assert.Equal([0xff, 0x00], letter.Value);
    }

    [Fact]
    public void A_quarantined_value_is_named_with_its_file()
    {
        var headers = Headers("lead-events", "3", "17");
        headers.Add("streamscorer.quarantine.length", "2000000"u8.ToArray());
        headers.Add("streamscorer.quarantine.sha256", "ab"u8.ToArray());
        headers.Add("streamscorer.quarantine.file", "quarantine/lead-events-3-17.value"u8.ToArray());

        Assert.Equal(
            new QuarantinedValue(2_000_000, "ab", "quarantine/lead-events-3-17.value"), DeadLetter.Read(Record(null, headers))!.Quarantine);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("""{"leadId":"x"}""")]
    [InlineData("""{"reason":"x","topic":"t","partition":-1,"offset":5}""")]
    [InlineData("""{"reason":"x","topic":"t","partition":1,"offset":5,"value":"not base64!"}""")]
    public void Anything_else_is_no_dead_letter(string? value) =>
        Assert.Null(DeadLetter.Read(Record(value is null ? null : Encoding.UTF8.GetBytes(value), null)));

    [Theory]
    [InlineData("3:17", 3, 17)]
    [InlineData("17", 0, 17)]
    public void An_id_is_read(string text, int partition, long offset)
    {
        Assert.True(LetterId.TryParse(text, out var id));
        Assert.Equal(new LetterId(partition, offset), id);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("a:1")]
    [InlineData("1:-1")]
    [InlineData("1:2:3")]
    public void A_wrong_id_is_not(string text) => Assert.False(LetterId.TryParse(text, out _));

    [Fact]
    public void Bytes_are_shown_as_text_only_where_they_are_text()
    {
        Assert.Equal("{\"city\":\"Köln\"}", BytesText.Describe("{\"city\":\"Köln\"}"u8.ToArray(), 100));
        Assert.Equal("(null)", BytesText.Describe(null, 100));
        Assert.Equal("(empty)", BytesText.Describe([], 100));
        Assert.StartsWith("00000000  1b 5b 32 4a ", BytesText.Describe("\u001b[2J"u8.ToArray(), 100), StringComparison.Ordinal);
        Assert.EndsWith("(40 bytes in all)", BytesText.Describe(Enumerable.Repeat((byte)0xfe, 40).ToArray(), 16), StringComparison.Ordinal);
        Assert.Equal("aaaa ... (40 bytes in all)", BytesText.Describe(Enumerable.Repeat((byte)'a', 40).ToArray(), 4));
    }

    private static ConsumeResult<byte[]?, byte[]?> Record(byte[]? value, Headers? headers) => new()
    {
        Topic = "lead-events.dead-letters",
        Partition = 2,
        Offset = 9,
        Message = new Message<byte[]?, byte[]?> { Key = null, Value = value, Headers = headers },
    };

    private static Headers Headers(string topic, string partition, string offset) => new()
    {
        { "__connect.errors.topic", Encoding.UTF8.GetBytes(topic) },
        { "__connect.errors.partition", Encoding.UTF8.GetBytes(partition) },
        { "__connect.errors.offset", Encoding.UTF8.GetBytes(offset) },
        { "__connect.errors.exception.class.name", "InvalidJson"u8.ToArray() },
        { "__connect.errors.exception.message", "Not JSON."u8.ToArray() },
    };
}
