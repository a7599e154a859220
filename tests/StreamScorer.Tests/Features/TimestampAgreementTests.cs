using System.Text;
using System.Text.Encodings.Web;
using StreamScorer.Features;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>A time means the same in a training table and in an event, or nothing in both.</summary>
public class TimestampAgreementTests
{
    private static readonly FeatureSchema Schema = EventSchemas.EveryKind();
    private static readonly EventDecoding Stream = new(Schema);

    [Theory]
    [InlineData("2024-02-29T23:59:59.1234567Z")]
    [InlineData("2024-02-29 23:59:59+01:30")]
    [InlineData("2024-02-29")]
    [InlineData("2024-02-29T23:59:59")]
    [InlineData("2024-02-30T00:00:00Z")]
    [InlineData("02/29/2024")]
    [InlineData("29 Feb 2024 10:00")]
    [InlineData("2024-2-9T00:00:00Z")]
    [InlineData("10:00")]
    [InlineData(" 2024-02-29")]
    public void Texts(string text) => AssertAgree(text, JsonText(text));

    [Theory]
    [InlineData("0")]
    [InlineData("1709251199123")]
    [InlineData("-1")]
    [InlineData("253402300799999")]
    [InlineData("253402300800000")]
    [InlineData("-253402300800000")]
    [InlineData("-9223372036854775808")]
    public void Milliseconds(string text) => AssertAgree(text, text);

    [Fact]
    public void Damaged_texts()
    {
        const int seed = 5;
        var random = new Random(seed);
        for (var round = 0; round < 3000; round++)
        {
            var text = new StringBuilder("2024-02-29T23:59:59.125+01:00");
            for (var changes = random.Next(1, 3); changes > 0; changes--)
                text[random.Next(text.Length)] = "0123456789-:+.TZ tz/"[random.Next(20)];
            var length = random.Next(3) == 0 ? random.Next(1, text.Length) : text.Length;
            var damaged = text.ToString(0, length);
            // Digits alone are milliseconds in a table, which has no numbers; in an event such text is none.
            if (!damaged.TrimStart('-', '+').All(char.IsAsciiDigit))
                AssertAgree(damaged, JsonText(damaged));
        }
    }

    private static void AssertAgree(string cell, string json)
    {
        const string at = "2024-03-01T00:00:00Z";
        var good = Stream.Decode(
            $$"""{"totalVisits":1,"lastAction":null,"occurredAt":"{{at}}","signedUp":{{json}}}""") == RecordKind.Event;
        var offline = Feature.TryParseTimestamp(Encoding.UTF8.GetBytes(cell), out _);
        Assert.True(good == offline, $"'{cell}': {(good ? "the stream takes it" : "the stream does not take it")}, a table the reverse");
        if (!good)
            return;
        var table = new RawTable(["v", "m", "a", "c", "s", "t", "at"], [["1"], [null], [null], [null], [null], [cell], [at]]);
        Assert.Equal(Schema.Encode(table)[^1], Stream.Row[^1]);
    }

    private static string JsonText(string text) => $"\"{JavaScriptEncoder.Default.Encode(text)}\"";
}
