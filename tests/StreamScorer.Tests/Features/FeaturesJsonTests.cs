using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>What stands in <c>hot_leads.features</c>.</summary>
public class FeaturesJsonTests
{
    private readonly EventDecoding _decoding = new(EventSchemas.EveryKind());

    [Fact]
    public void FeaturesStandInSchemaOrderWithoutAnythingElse() => Assert.Equal(
        """{"totalVisits":3.50,"spend":null,"lastAction":"SMS Sent","city":null,"subscribed":true,"signedUp":"2024-01-01"}""",
        _decoding.FeaturesJson("""
            { "city" : "Select", "phone": "secret", "lastAction":"SMS Sent", "totalVisits":3.50, "spend":"n/a",
              "signedUp":"2024-01-01", "subscribed":true, "leadId":"x" }
            """));

    [Fact]
    public void AnUnseenCategoryKeepsItsText() => Assert.Equal(
        """{"totalVisits":1,"lastAction":"never \"seen\" – 東京"}""",
        _decoding.FeaturesJson("""{"totalVisits":1,"lastAction":"never \u0022seen\u0022 \u2013 東京"}"""));

    [Theory]
    [InlineData("1e-100000", "0")]
    [InlineData("1e3", "1000")]
    [InlineData("0.10000000000000000000000000000000000000000000000000000001", "0.1")]
    public void NumbersThatPostgresCannotHoldAreWrittenAsDoubles(string number, string written) => Assert.Equal(
        $$"""{"totalVisits":{{written}},"lastAction":null}""",
        _decoding.FeaturesJson($$"""{"totalVisits":{{number}},"lastAction":null}"""));

    [Fact]
    public void TheNullCharacterIsReplacedBecauseJsonbRefusesIt() => Assert.Equal(
        """{"totalVisits":1,"lastAction":"a�b"}""",
        _decoding.FeaturesJson("""{"totalVisits":1,"lastAction":"a\u0000b"}"""));

    [Fact]
    public void AnEnvelopeIsTakenOff() => Assert.Equal(
        """{"totalVisits":1,"lastAction":"SMS Sent"}""",
        _decoding.FeaturesJson("""{"specversion":"1.0","id":"1","data":{"lastAction":"SMS Sent","totalVisits":1}}"""));

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("""{"totalVisits":"x","lastAction":null}""")]
    public void ABadValueGivesAnEmptyObject(string value) => Assert.Equal("{}", _decoding.FeaturesJson(value));

    [Fact]
    public void BytesThatAreNoUtf8GiveAnEmptyObject() =>
        Assert.Equal("{}", _decoding.FeaturesJson([.. "{\"totalVisits\":1,\"lastAction\":\""u8, 0xFF, .. "\"}"u8]));
}
