using System.Text;
using StreamScorer.Features;
using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>Requests of the API become the same rows as events of the stream, and everything wrong with them is told at once.</summary>
public class LeadRequestDecoderTests
{
    private const string Lead = """
        "total_visits":3.5,"spend":"n/a","last_action":"Email Opened","city":"Z\u00fcrich","subscribed":true,"signed_up":"2020-05-01","occurred_at":"2024-01-01T00:00:00Z"
        """;

    private readonly LeadRequestDecoder _decoder = new(EventSchemas.EveryKind(), mostLeads: 3);

    // Mutation: API leads read with stream names, ages not set, null tokens not known. Each changes the row.
    [Fact]
    public void ARequestGivesTheSameRowsAsTheStream()
    {
        var events = new EventDecoding(EventSchemas.EveryKind());
        Assert.Equal(RecordKind.Event, events.Decode(Lead
            .Replace("total_visits", "totalVisits", StringComparison.Ordinal).Replace("last_action", "lastAction", StringComparison.Ordinal)
            .Replace("signed_up", "signedUp", StringComparison.Ordinal).Replace("occurred_at", "occurredAt", StringComparison.Ordinal)
            .Insert(0, "{") + "}"));
        var nested = $$$"""{"occurred_at":"2024-01-01T00:00:00Z","custom_features":{ {{{Lead.Replace("occurred_at", "other", StringComparison.Ordinal)}}} },"lead_id":"b"}""";

        Assert.True(Decode($$$"""{"request_id":"r\n1","options":{"model":"m","reasons":true},"leads":[{"lead_id":"a",{{{Lead}}} },{{{nested}}}]}"""), Faults());

        Assert.Equal(2, _decoder.Count);
        Assert.Equal(Bits(events.Row), Bits(_decoder.Rows[..6].ToArray()));
        Assert.Equal(Bits(events.Row), Bits(_decoder.Rows[6..].ToArray()));
        Assert.Equal(("r\n1", "m", true), (Text(_decoder.RequestId), Text(_decoder.ModelName), _decoder.WantsReasons));
        Assert.Equal(("a", "b"), (Text(_decoder.Leads[0].LeadId), Text(_decoder.Leads[1].LeadId)));
        Assert.Equal(5, _decoder.Leads[0].FeaturesUsed);
    }

    [Fact]
    public void OneLeadAloneIsReadByTheSameRules()
    {
        Assert.True(_decoder.TryDecodeLead(Encoding.UTF8.GetBytes($$$"""{"lead_id":"a",{{{Lead}}} }""")));
        var alone = Bits(_decoder.Rows.ToArray());
        Assert.True(Decode($$$"""{"leads":[{ {{{Lead}}} }]}"""));
        Assert.Equal(alone, Bits(_decoder.Rows.ToArray()));
        Assert.True(_decoder.Leads[0].LeadId.IsNull);
    }

    // Mutation: reading stops at the first fault, or a nested fault loses its path.
    [Fact]
    public void EveryFaultIsToldWithItsPath()
    {
        _ = Decode("""
            {"request_id":7,"leads":[
              {"lead_id":"","total_visits":"x","spend":1e999,"last_action":7,"last_action":"b","occurred_at":"soon"},
              5,
              {"custom_features":{"total_visits":true,"subscribed":[1,{"a":2}],"lead_id":3},"last_action":null,"custom_features":{}}],
             "options":{"reasons":3,"colour":1}}
            """);
        Assert.Equal(
            """
            $.leads[0].last_action duplicate_name
            $.leads[0].last_action wrong_type
            $.leads[0].lead_id invalid_lead_id
            $.leads[0].occurred_at invalid_occurred_at
            $.leads[0].spend number_out_of_range
            $.leads[0].total_visits wrong_type
            $.leads[1] not_an_object
            $.leads[2].custom_features duplicate_name
            $.leads[2].custom_features.subscribed wrong_type
            $.leads[2].custom_features.total_visits wrong_type
            $.options unknown_option
            $.options.reasons wrong_type
            $.request_id wrong_type
            """.ReplaceLineEndings("\n"), Faults());
    }

    [Theory]
    [InlineData("""{"leads":[{"last_action":null}]}""", "$.leads[0].total_visits missing_feature")]
    [InlineData("""{"leads":[]}""", "$.leads too_few_leads")]
    [InlineData("""{"leads":7}""", "$.leads wrong_type")]
    [InlineData("""{}""", "$.leads missing_leads")]
    [InlineData("""{"leads":null,"leads":[]}""", "$.leads duplicate_name\n$.leads wrong_type")]
    [InlineData("""[1]""", "$ not_an_object")]
    [InlineData("""{"leads":[{"total_visits":1,"last_action":null}""", "$.leads[1] invalid_json")]
    [InlineData("{\"request_id\":\"a\n,\"leads\":[]}", "$ invalid_json")]
    [InlineData("""{"leads":[{"total_visits":NaN,"last_action":null}]}""", "$.leads[0] invalid_json")]
    [InlineData("""{"leads":[{"total_visits":1,"last_action":null}]} x""", "$.leads[1] invalid_json")]
    public void AFaultyRequestIsRefused(string body, string faults)
    {
        Assert.False(Decode(body));
        Assert.Equal(faults, Faults());
    }

    [Fact]
    public void MoreLeadsThanAllowedAreOneFaultOfItsOwnKind()
    {
        const string One = """{"total_visits":1,"last_action":null}""";
        Assert.True(Decode($$"""{"leads":[{{One}},{{One}},{{One}}]}"""));
        Assert.False(Decode($$"""{"leads":[{{One}},{{One}},{{One}},{{One}}]}"""));
        Assert.Equal(RequestFaultKind.TooManyLeads, Assert.Single(_faults).Kind);
    }

    [Fact]
    public void ADeepDocumentAndBytesThatAreNoTextAreRefused()
    {
        Assert.False(Decode("""{"leads":[{"x":""" + new string('[', 100) + new string(']', 100) + "}]}"));
        Assert.Equal("$.leads[0] too_deep", Faults());
        Assert.False(_decoder.TryDecode([0x7B, 0xFF, 0x7D]));
        Assert.Equal("invalid_utf8", Assert.Single(_decoder.FindFaults([0x7B, 0xFF, 0x7D], isLead: false)).Code);
    }

    [Fact]
    public void TheModelOfAFaultyRequestIsFound()
    {
        Assert.Equal("b2b", _decoder.FindModelName("""{"leads":[{"a":[1,2]},5],"options":{"model":"b2b"}}"""u8));
        Assert.Null(_decoder.FindModelName("""{"leads":[{"a":[1,2]},5]}"""u8));
    }

    // Mutation: a string per lead, a list that grows per request.
    [Fact]
    public void AGoodRequestAllocatesNothing()
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"request_id":"r","leads":[{"lead_id":"a",{{{Lead}}}},{"lead_id":"b",{{{Lead}}}}],"options":{"reasons":true}}""");
        var decoder = _decoder;
        static (long Bytes, int Good) Measure(LeadRequestDecoder decoder, byte[] body, int rounds)
        {
            var good = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < rounds; i++)
                good += decoder.TryDecode(body) ? 1 : 0;
            return (GC.GetAllocatedBytesForCurrentThread() - before, good);
        }

        // The least of several: while methods are being compiled anew, the runtime allocates on this thread too.
        Assert.Equal((0L, 1000), Enumerable.Range(0, 20).Select(_ => Measure(decoder, body, 1000)).Min());
    }

    private IReadOnlyList<RequestFault> _faults = [];

    private bool Decode(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var decoded = _decoder.TryDecode(bytes);
        if (decoded)
            return true;
        _faults = _decoder.FindFaults(bytes, isLead: false);
        Assert.NotEmpty(_faults);
        return false;
    }

    private string Faults() => string.Join('\n', _faults.Select(fault => $"{fault.Path} {fault.Code}").Order(StringComparer.Ordinal));

    private string? Text(Utf8Slice slice) => _decoder.Texts.GetString(slice);

    private static long[] Bits(double[] row) => [.. row.Select(BitConverter.DoubleToInt64Bits)];
}
