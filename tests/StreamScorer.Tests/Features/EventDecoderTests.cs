using System.Text;
using StreamScorer.Features;
using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>The event contract, rule by rule.</summary>
public class EventDecoderTests
{
    private const int TotalVisits = 0, Spend = 1, LastAction = 2, City = 3, Subscribed = 4, SignedUp = 5;
    private const string Required = "\"totalVisits\":3,\"lastAction\":\"SMS Sent\"";

    private readonly EventDecoding _decoding = new(EventSchemas.EveryKind());

    private double[] Row => _decoding.Row;

    [Fact]
    public void EveryKindOfFeatureReachesItsPlaceInTheRow()
    {
        var kind = _decoding.Decode("""
            {"leadId":"lead-7","eventId":"e-1","occurredAt":"2024-01-11T00:00:00Z","totalVisits":3,"spend":2.5,
             "lastAction":"Email Opened","city":"東京","subscribed":true,"signedUp":"2024-01-01T00:00:00Z"}
            """);

        Assert.Equal(RecordKind.Event, kind);
        Assert.Equal(("lead-7", "e-1"), (_decoding.LeadId, _decoding.EventId));
        Assert.Equal(1704931200000000, _decoding.Result.OccurredAtMicros);
        Assert.Equal((3.0, 2.5, 1.0, 10.0), (Row[TotalVisits], Row[Spend], Row[Subscribed], Row[SignedUp]));
        var features = EventSchemas.EveryKind().Features;
        Assert.Equal("Email Opened", features[LastAction].Categories[(int)Row[LastAction]]);
        Assert.Equal("東京", features[City].Categories[(int)Row[City]]);
        Assert.Equal((0, 0), (_decoding.Result.UnknownFields, _decoding.Result.UnseenCategories));
    }

    [Fact]
    public void TheKeyStandsInForTheLeadId()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{{Required}}}", "key-9"));
        Assert.Equal("key-9", _decoding.LeadId);
        Assert.Null(_decoding.EventId);
        Assert.Equal(DecodedEvent.NoTime, _decoding.Result.OccurredAtMicros);

        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"leadId\":null,{Required}}}", "key-9"));
        Assert.Equal("key-9", _decoding.LeadId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void ARecordWithoutKeyIsMarked(string? key)
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"leadId\":\"a\",{Required}}}", key));
        Assert.True(_decoding.Result.KeyMissing);
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"leadId\":\"a\",{Required}}}", "k"));
        Assert.False(_decoding.Result.KeyMissing);
    }

    [Fact]
    public void AnEmptyValueIsATombstone()
    {
        Assert.Equal(RecordKind.Tombstone, _decoding.Decode(null, "lead-1"u8.ToArray()));
        Assert.Equal("lead-1", _decoding.LeadId);
        Assert.Equal(RecordKind.Tombstone, _decoding.Decode([], null));
        Assert.Null(_decoding.LeadId);
    }

    [Fact]
    public void ALeadIdHasOneTo128Characters()
    {
        // 128 characters beyond the basic plane are 512 bytes and 256 UTF-16 units.
        var longest = string.Concat(Enumerable.Repeat("😀", 128));
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"leadId\":\"{longest}\",{Required}}}"));
        Assert.Equal(longest, _decoding.LeadId);
        AssertBad(BadRecordReason.InvalidLeadId, $"{{\"leadId\":\"{longest}x\",{Required}}}");
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{{Required}}}", longest));
        AssertBad(BadRecordReason.InvalidLeadId, $"{{{Required}}}", longest + "x");
    }

    [Fact]
    [Scenario(48, Means.UnitTest, "the rules of the contract")]
    public void AnExplicitNullIsImputedAndARequiredNameMustBeThere()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode("""{"totalVisits":null,"lastAction":null}"""));
        Assert.All(Row, value => Assert.True(double.IsNaN(value)));
        AssertBad(BadRecordReason.MissingFeature, """{"totalVisits":1}""");
        Assert.Equal(LastAction, _decoding.Result.FaultFeature);
    }

    [Theory]
    [InlineData("spend", "\"n/a\"", Spend)]
    [InlineData("spend", "\"\"", Spend)]
    [InlineData("city", "\"Select\"", City)]
    [InlineData("city", "\"Sel\\u0065ct\"", City)]
    [InlineData("subscribed", "\"Select\"", Subscribed)]
    [InlineData("signedUp", "\"\"", SignedUp)]
    public void NullTokensBelongToEachFeature(string field, string token, int index)
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{{Required},\"occurredAt\":1700000000000,\"{field}\":{token}}}"));
        Assert.True(double.IsNaN(Row[index]));
        Assert.Equal(0, _decoding.Result.UnseenCategories);
    }

    [Fact]
    public void ANullTokenOfOneFeatureIsAnErrorOrACategoryOfAnother()
    {
        AssertBad(BadRecordReason.WrongType, $"{{{Required},\"spend\":\"Select\"}}");
        _decoding.Decode($"{{{Required},\"city\":\"n/a\"}}");
        Assert.Equal((0.0, 1), (Row[City], _decoding.Result.UnseenCategories));
    }

    [Fact]
    public void CategoriesAreComparedExactlyAndUnseenOnesGoToTheRareBucket()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode("""{"totalVisits":1,"lastAction":"email opened","city":"Mumbai "}"""));
        Assert.Equal((0.0, 0.0, 2), (Row[LastAction], Row[City], _decoding.Result.UnseenCategories));
        Assert.Equal(RecordKind.Event, _decoding.Decode("""{"totalVisits":1,"lastAction":"(rare or unseen)"}"""));
        Assert.Equal((0.0, 1), (Row[LastAction], _decoding.Result.UnseenCategories));
    }

    [Fact]
    public void UnknownFieldsAreCountedAndTheirContentIsPassedOver()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($$$"""{"x":{"leadId":"no","totalVisits":[1,{"a":"}"}]},{{{Required}}},"x":null,"":1e999}"""));
        Assert.Equal(("key-1", 3), (_decoding.LeadId, _decoding.Result.UnknownFields));
    }

    [Theory]
    [InlineData("\"2000-01-01T00:00:00Z\"", true)]
    [InlineData("\"1999-12-31T23:59:59.999999Z\"", false)]
    [InlineData("946684800000", true)]
    [InlineData("946684799999", false)]
    [InlineData("\"2026-05-05T12:00:00Z\"", true)]
    [InlineData("\"2026-05-05T12:00:00.000001Z\"", false)]
    [InlineData("\"2026-05-05T14:00:00+02:00\"", true)]
    [InlineData("1e300", false)]
    [InlineData("1e999", false)]
    [Scenario(51, Means.UnitTest, "implausible event times are stored null and counted")]
    public void AnImplausibleTimeIsStoredNullAndCounted(string time, bool plausible)
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{{Required},\"occurredAt\":{time}}}"));
        Assert.Equal(!plausible, _decoding.Result.OccurredAtOutOfRange);
        Assert.Equal(!plausible, _decoding.Result.OccurredAtMicros == DecodedEvent.NoTime);
    }

    [Fact]
    public void AnAgeWithoutAnEventTimeIsMissing()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{{Required},\"signedUp\":1700000000000}}"));
        Assert.True(double.IsNaN(Row[SignedUp]));
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"signedUp\":\"2024-01-02\",{Required},\"occurredAt\":\"2024-01-01T00:00:00Z\"}}"));
        Assert.Equal(-1, Row[SignedUp]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4")]
    [InlineData("\"x\"")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void OnlyAnObjectIsAnEvent(string value) =>
        AssertBad(BadRecordReason.NotAnObject, $" {(value.Length == 0 ? "true" : value)} ");

    [Theory]
    [InlineData("not json")]
    [InlineData("   ")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null} x")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null}{}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,}")]
    [InlineData("{\"totalVisits\":1 \"lastAction\":null}")]
    [InlineData("{\"totalVisits\":01,\"lastAction\":null}")]
    [InlineData("{\"totalVisits\":NaN,\"lastAction\":null}")]
    [InlineData("{\"totalVisits\":-Infinity,\"lastAction\":null}")]
    [InlineData("{'totalVisits':1}")]
    [InlineData("{\"totalVisits\":1,/* */\"lastAction\":null}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":\"a\tb\"}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":\"a\\x\"}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":\"a\\u12g4\"}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":\"a")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":\"a\\")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"x\":[1,2,]}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"x\":{\"a\":1]}")]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"x\":")]
    [InlineData("\uFEFF{\"totalVisits\":1,\"lastAction\":null}")]
    public void TheGrammarIsThatOfJson(string value) => AssertBad(BadRecordReason.InvalidJson, value);

    [Fact]
    public void InvalidUtf8IsBadEvenWhereNothingReadsIt()
    {
        byte[] value = [.. "{\"totalVisits\":1,\"lastAction\":null,\"x\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        Assert.Equal(RecordKind.Bad, _decoding.Decode(value, "k"u8.ToArray()));
        Assert.Equal(BadRecordReason.InvalidUtf8, _decoding.Result.Reason);
        AssertBad(BadRecordReason.InvalidUtf8, """{"totalVisits":1,"lastAction":"\ud83d"}""");
        Assert.Equal(LastAction, _decoding.Result.FaultFeature);
        AssertBad(BadRecordReason.InvalidLeadId, """{"leadId":"\ud83d","totalVisits":1,"lastAction":null}""");
        Assert.Equal(RecordKind.Bad, _decoding.Decode(Encoding.UTF8.GetBytes($"{{{Required}}}"), [0xFF]));
        Assert.Equal(BadRecordReason.InvalidLeadId, _decoding.Result.Reason);
    }

    [Theory]
    [InlineData("\"totalVisits\":\"5\"", BadRecordReason.WrongType, TotalVisits)]
    [InlineData("\"totalVisits\":true", BadRecordReason.WrongType, TotalVisits)]
    [InlineData("\"totalVisits\":[5]", BadRecordReason.WrongType, TotalVisits)]
    [InlineData("\"totalVisits\":\"NaN\"", BadRecordReason.NotANumber, TotalVisits)]
    [InlineData("\"totalVisits\":\"-Infinity\"", BadRecordReason.NotANumber, TotalVisits)]
    [InlineData("\"totalVisits\":1e309", BadRecordReason.NumberOutOfRange, TotalVisits)]
    [InlineData("\"lastAction\":5", BadRecordReason.WrongType, LastAction)]
    [InlineData("\"lastAction\":false", BadRecordReason.WrongType, LastAction)]
    [InlineData("\"lastAction\":{}", BadRecordReason.WrongType, LastAction)]
    [InlineData("\"subscribed\":1", BadRecordReason.WrongType, Subscribed)]
    [InlineData("\"subscribed\":\"true\"", BadRecordReason.WrongType, Subscribed)]
    [InlineData("\"signedUp\":\"yesterday\"", BadRecordReason.WrongType, SignedUp)]
    [InlineData("\"signedUp\":1e20", BadRecordReason.NumberOutOfRange, SignedUp)]
    [InlineData("\"signedUp\":true", BadRecordReason.WrongType, SignedUp)]
    public void AWrongTypeIsBadAndNamesTheFeature(string field, BadRecordReason reason, int feature)
    {
        AssertBad(reason, $"{{\"leadId\":\"secret-lead\",{field}}}");
        Assert.Equal(feature, _decoding.Result.FaultFeature);
        Assert.Contains(EventSchemas.EveryKind().Features[feature].StreamName, _decoding.Description);
        Assert.DoesNotContain("secret", _decoding.Description);
        Assert.DoesNotContain("yesterday", _decoding.Description);
    }

    [Theory]
    [InlineData("\"leadId\":7", BadRecordReason.InvalidLeadId, "leadId")]
    [InlineData("\"leadId\":\"\"", BadRecordReason.InvalidLeadId, "leadId")]
    [InlineData("\"leadId\":\"a\\u0000b\"", BadRecordReason.InvalidLeadId, "leadId")]
    [InlineData("\"eventId\":7", BadRecordReason.InvalidEventId, "eventId")]
    [InlineData("\"eventId\":\"\\u0000\"", BadRecordReason.InvalidEventId, "eventId")]
    [InlineData("\"occurredAt\":true", BadRecordReason.InvalidOccurredAt, "occurredAt")]
    [InlineData("\"occurredAt\":\"2024-01-01\"", BadRecordReason.InvalidOccurredAt, "occurredAt")]
    [InlineData("\"occurredAt\":\"1700000000000\"", BadRecordReason.InvalidOccurredAt, "occurredAt")]
    [InlineData("\"leadId\":\"a\",\"leadId\":\"a\"", BadRecordReason.DuplicateName, "leadId")]
    [InlineData("\"leadId\":null,\"le\\u0061dId\":\"a\"", BadRecordReason.DuplicateName, "leadId")]
    [InlineData("\"eventId\":\"a\",\"eventId\":\"a\"", BadRecordReason.DuplicateName, "eventId")]
    [InlineData("\"occurredAt\":1,\"occurredAt\":1", BadRecordReason.DuplicateName, "occurredAt")]
    [InlineData("\"city\":null,\"city\":null", BadRecordReason.DuplicateName, "city")]
    public void TheEventsOwnFieldsAreCheckedToo(string fields, BadRecordReason reason, string named)
    {
        AssertBad(reason, $"{{{fields},{Required}}}");
        Assert.StartsWith(named is "city" ? "The feature city" : named, _decoding.Description);
    }

    [Fact]
    public void ARecordThatNamesNoLeadIsBad()
    {
        AssertBad(BadRecordReason.MissingLeadId, $"{{{Required}}}", null);
        AssertBad(BadRecordReason.MissingLeadId, $"{{\"leadId\":null,{Required}}}", "");
        AssertBad(BadRecordReason.InvalidLeadId, $"{{{Required}}}", "a\0b");
        Assert.StartsWith("The record's key", _decoding.Description);
    }

    [Fact]
    public void SizeAndDepthAreBounded()
    {
        var frame = $"{{{Required},\"x\":\"\"}}";
        var fits = frame.Replace("\"\"", $"\"{new string('x', (1024 * 1024) - frame.Length)}\"", StringComparison.Ordinal);
        Assert.Equal(RecordKind.Event, _decoding.Decode(fits));
        AssertBad(BadRecordReason.TooLarge, fits + " ");

        string Nested(int levels) => $"{{{Required},\"x\":{new string('[', levels)}{new string(']', levels)}}}";
        Assert.Equal(RecordKind.Event, _decoding.Decode(Nested(63)));
        AssertBad(BadRecordReason.TooDeep, Nested(64));
        AssertBad(BadRecordReason.TooDeep, Nested(100_000));
        AssertBad(BadRecordReason.TooDeep, new string('[', 100_000));
    }

    [Fact]
    public void ABadRecordLeavesNothingBehind()
    {
        AssertBad(BadRecordReason.InvalidEventId, $"{{\"leadId\":\"a\",\"eventId\":\"\\u0000\",{Required}}}");
        Assert.Equal(0, _decoding.Arena.LengthBytes);
        Assert.True(_decoding.Result.LeadId.IsNull);
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"leadId\":\"b\",{Required}}}"));
        Assert.Equal((BadRecordReason.None, -1, "b"), (_decoding.Result.Reason, _decoding.Result.FaultFeature, _decoding.LeadId));
    }

    [Fact]
    public void AThousandFeaturesInAnyOrderAreFound()
    {
        var schema = EventSchemas.Wide(1000);
        var decoding = new EventDecoding(schema);
        var random = new Random(3);
        for (var round = 0; round < 3; round++)
        {
            var order = Enumerable.Range(0, 1000).ToArray();
            random.Shuffle(order);
            Assert.Equal(RecordKind.Event, decoding.Decode("{" + string.Join(',', order.Select(i => $"\"f{i}\":{i}")) + "}"));
            Assert.Equal(Enumerable.Range(0, 1000).Select(i => (double)i), decoding.Row);
            Assert.Equal(RecordKind.Bad, decoding.Decode("{" + string.Join(',', order[1..].Select(i => $"\"f{i}\":{i}")) + "}"));
            Assert.Equal((BadRecordReason.MissingFeature, order[0]), (decoding.Result.Reason, decoding.Result.FaultFeature));
        }
    }

    [Fact]
    public void EveryReasonHasASentence()
    {
        foreach (var reason in Enum.GetValues<BadRecordReason>())
        {
            _decoding.Result = new DecodedEvent { Reason = reason, FaultFeature = -1, FaultOffset = 17 };
            Assert.EndsWith("(at byte 17).", _decoding.Description);
        }
    }

    private void AssertBad(BadRecordReason reason, string value, string? key = "key-1")
    {
        Assert.Equal(RecordKind.Bad, _decoding.Decode(value, key));
        Assert.Equal(reason, _decoding.Result.Reason);
        Assert.Equal(RecordKind.Bad, _decoding.Result.Kind);
    }
}
