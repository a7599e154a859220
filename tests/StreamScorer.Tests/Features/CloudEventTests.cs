using StreamScorer.Features;
using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>CloudEvents 1.0 around the event: structured mode (an envelope) and binary mode (headers).</summary>
public class CloudEventTests
{
    private const string Data = "\"totalVisits\":3,\"lastAction\":\"SMS Sent\"";

    private readonly EventDecoding _decoding = new(EventSchemas.EveryKind());

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"ce-1","source":"/crm","type":"lead","time":"2024-01-01T00:00:00Z","data":{DATA}}""")]
    [InlineData("""{"data":{DATA},"time":"2024-01-01T00:00:00Z","id":"ce\u002d1","specversion":"1.0"}""")]
    [InlineData("""{"city":7,"city":8,"specversion":"1.0","id":"ce-1","time":"2024-01-01T00:00:00Z","data":{DATA}}""")]
    public void TheEnvelopesIdAndTimeAreTheEvents(string envelope)
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode(envelope.Replace("DATA", Data, StringComparison.Ordinal)));
        Assert.Equal(("key-1", "ce-1"), (_decoding.LeadId, _decoding.EventId));
        Assert.Equal(1704067200000000, _decoding.Result.OccurredAtMicros);
        Assert.Equal((3, 0), (_decoding.Row[0], _decoding.Result.UnknownFields));
    }

    [Fact]
    public void TheEventsOwnFieldsWin()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode("""
            {"specversion":"1.0","id":"ce-1","time":"2024-01-01T00:00:00Z",
             "data":{"leadId":"a","eventId":"own","occurredAt":"2025-01-01T00:00:00Z",DATA}}
            """.Replace("DATA", Data, StringComparison.Ordinal)));
        Assert.Equal(("a", "own"), (_decoding.LeadId, _decoding.EventId));
        Assert.Equal(1735689600000000, _decoding.Result.OccurredAtMicros);
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","data":"text"}""", BadRecordReason.InvalidEnvelope)]
    [InlineData("""{"specversion":"1.0","id":"1","data":[1]}""", BadRecordReason.InvalidEnvelope)]
    [InlineData("""{"specversion":"1.0","id":"1","data_base64":"e30="}""", BadRecordReason.InvalidEnvelope)]
    [InlineData("""{"specversion":"1.0","id":"1","data":{"totalVisits":1}}""", BadRecordReason.MissingFeature)]
    [InlineData("""{"specversion":"1.0","time":"noon","data":{DATA}}""", BadRecordReason.InvalidOccurredAt)]
    [InlineData("""{"specversion":"1.0","id":"\u0000","data":{DATA}}""", BadRecordReason.InvalidEventId)]
    [InlineData("""{"specversion":"1.0","id":"1"}""", BadRecordReason.MissingFeature)]
    [InlineData("""{"specversion":1,"id":"1","data":{DATA}}""", BadRecordReason.MissingFeature)]
    [InlineData("""{"specversion":"1.0","id":"1","data":{DATA}} x""", BadRecordReason.InvalidJson)]
    public void AnEnvelopeWithoutAGoodEventIsBad(string envelope, BadRecordReason reason)
    {
        Assert.Equal(RecordKind.Bad, _decoding.Decode(envelope.Replace("DATA", Data, StringComparison.Ordinal)));
        Assert.Equal(reason, _decoding.Result.Reason);
    }

    [Fact]
    public void APlainEventMayHaveAnUnknownFieldOfThatName()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"specversion\":\"1.0\",{Data}}}"));
        Assert.Equal(1, _decoding.Result.UnknownFields);
    }

    [Fact]
    public void HeadersStandInForTheEventsOwnFields()
    {
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{{Data}}}", "k", "h-1", "2024-01-01T00:00:00Z"));
        Assert.Equal(("k", "h-1"), (_decoding.LeadId, _decoding.EventId));
        Assert.Equal(1704067200000000, _decoding.Result.OccurredAtMicros);
        Assert.Equal(RecordKind.Event, _decoding.Decode($"{{\"eventId\":\"own\",\"occurredAt\":1735689600000,{Data}}}", "k", "h-1", "noon"));
        Assert.Equal(("own", 1735689600000000), (_decoding.EventId, _decoding.Result.OccurredAtMicros));
        Assert.Equal(RecordKind.Bad, _decoding.Decode($"{{{Data}}}", "k", "h-1", "noon"));
        Assert.Equal(BadRecordReason.InvalidOccurredAt, _decoding.Result.Reason);
    }
}
