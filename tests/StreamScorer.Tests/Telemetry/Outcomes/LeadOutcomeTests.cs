using System.Text;
using StreamScorer.Telemetry.Outcomes;
using Xunit;

namespace StreamScorer.Tests.Telemetry.Outcomes;

public sealed class LeadOutcomeTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset RecordTime = Now.AddMinutes(-1);

    [Theory]
    [InlineData("""{"leadId":"a","converted":true,"occurredAt":"2026-05-01T10:00:00Z"}""", "a", true, "2026-05-01T10:00:00Z")]
    [InlineData("""{"leadId":"a","converted":false,"occurredAt":1777629600000,"agent":{"x":1}}""", "a", false, "2026-05-01T10:00:00Z")]
    [InlineData("""{"converted":true}""", "key", true, "2026-05-04T11:59:00Z")]
    [InlineData("""{"leadId":"ä\"b","converted":true,"occurredAt":null}""", "ä\"b", true, "2026-05-04T11:59:00Z")]
    public void Outcomes_are_read(string json, string leadId, bool converted, string occurredAt)
    {
        var read = LeadOutcome.TryRead("key"u8, Encoding.UTF8.GetBytes(json), RecordTime, Now, out var outcome, out var fault);
        Assert.True(read, fault);
        Assert.Equal(new LeadOutcome(leadId, converted, DateTimeOffset.Parse(occurredAt, null)), outcome);
    }

    [Theory]
    [InlineData("nonsense", "not JSON")]
    [InlineData("[1]", "not a JSON object")]
    [InlineData("""{"leadId":7,"converted":true}""", "leadId")]
    [InlineData("""{"leadId":"","converted":true}""", "leadId")]
    [InlineData("""{"leadId":"a\u0000","converted":true}""", "leadId")]
    [InlineData("""{"leadId":"a"}""", "converted")]
    [InlineData("""{"leadId":"a","converted":"yes"}""", "converted")]
    [InlineData("""{"leadId":"a","converted":true,"occurredAt":"soon"}""", "occurredAt")]
    [InlineData("""{"leadId":"a","converted":true,"occurredAt":"1999-12-31T23:59:59Z"}""", "occurredAt")]
    [InlineData("""{"leadId":"a","converted":true,"occurredAt":"2026-05-06T00:00:00Z"}""", "occurredAt")]
    public void What_is_no_outcome_is_refused_by_name_and_without_its_value(string json, string named)
    {
        Assert.False(LeadOutcome.TryRead("key"u8, Encoding.UTF8.GetBytes(json), RecordTime, Now, out var outcome, out var fault));
        Assert.Null(outcome);
        Assert.Contains(named, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("soon", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        var good = Encoding.UTF8.GetBytes("""{"leadId":"a","converted":true,"occurredAt":"2026-05-01T10:00:00Z"}""");
        for (var i = 0; i < 5000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var change = random.Next(4); change >= 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var error = Record.Exception(() => LeadOutcome.TryRead("key"u8, bytes, RecordTime, Now, out _, out _));
            Assert.True(error is null, $"seed {Seed}, round {i}: {error}");
        }
    }

    [Fact]
    public void Of_two_outcomes_in_a_batch_the_later_one_stays()
    {
        var batch = new OutcomeBatch();
        batch.Add(new LeadOutcome("a", true, Now));
        batch.Add(new LeadOutcome("a", false, Now.AddHours(-1)));
        batch.Add(new LeadOutcome("b", true, Now));
        batch.Delete("b");
        Assert.Equal([new LeadOutcome("a", true, Now)], batch.Outcomes);
        Assert.Equal(["b"], batch.Deleted);
        Assert.Equal(4, batch.Records);
    }
}
