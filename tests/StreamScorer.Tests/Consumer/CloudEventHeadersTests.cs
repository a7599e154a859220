using System.Text;
using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.Features;
using StreamScorer.Scoring;
using StreamScorer.Tests.Scoring;
using Xunit;

namespace StreamScorer.Tests.Consumer;

/// <summary>CloudEvents in binary mode, from the headers to the scored batch.</summary>
public class CloudEventHeadersTests
{
    private const string Value = """{"totalVisits":3,"lastAction":"SMS Sent"}""";

    private readonly Utf8Arena _payload = new();

    [Fact]
    public void IdAndTimeAreCopiedWhereTheRecordIsACloudEvent()
    {
        var (id, time) = CloudEventHeaders.Copy(Headers("1.0"), _payload);
        Assert.Equal(("e-1", "2024-01-01T00:00:00Z"), (_payload.GetString(id), _payload.GetString(time)));

        var withoutTime = new Headers { { "ce_specversion", "1.0"u8.ToArray() }, { "ce_id", "e-2"u8.ToArray() }, { "ce_time", null } };
        (id, time) = CloudEventHeaders.Copy(withoutTime, _payload);
        Assert.Equal(("e-2", 0), (_payload.GetString(id), time.Length));
    }

    [Fact]
    public void OtherHeadersMeanNothing()
    {
        Assert.Equal(default, CloudEventHeaders.Copy(null, _payload));
        Assert.Equal(default, CloudEventHeaders.Copy(Headers(null), _payload));
    }

    [Fact]
    public void TheBatchScorerTakesThemForTheEventsOwn()
    {
        var lease = new PartitionLease(new TopicPartition("user-events", 0));
        lease.Take(1, 10);
        var batch = new MicroBatch(1);
        Append(batch, lease, 10, Headers("1.0"));
        Append(batch, lease, 11, null);

        using var pool = new PredictionEnginePool(HotThreshold.Default);
        pool.Add("m", SmallModels.Train(1));
        var scored = new ScoredBatch();
        new BatchScorer(new ScoringOptions(), pool, TimeProvider.System).Score(batch, pool.GetModel("m"), scored);

        Assert.Equal(2, scored.Count);
        Assert.Equal(("e-1", 1704067200000000), (scored.Texts.GetString(scored.Decoded[0].EventId), scored.Decoded[0].OccurredAtMicros));
        Assert.Equal((null, DecodedEvent.NoTime), (scored.Texts.GetString(scored.Decoded[1].EventId), scored.Decoded[1].OccurredAtMicros));
    }

    [Fact]
    public void RecordsBesideOneThatHasThemHaveNoneNorHasTheNextBatch()
    {
        var lease = new PartitionLease(new TopicPartition("user-events", 0));
        var batch = new MicroBatch(2);
        foreach (var offset in new[] { 10, 11, 12 })
            Append(batch, lease, offset, Headers("1.0"));
        batch.Clear();

        Append(batch, lease, 13, null);
        Assert.True(batch.Attributes(0).EventId.IsEmpty && batch.Attributes(0).OccurredAt.IsEmpty);
        Append(batch, lease, 14, Headers("1.0"));
        Append(batch, lease, 15, null);
        foreach (var without in new[] { 0, 2 })
            Assert.True(batch.Attributes(without).EventId.IsEmpty && batch.Attributes(without).OccurredAt.IsEmpty);
        Assert.Equal("e-1", Encoding.UTF8.GetString(batch.Attributes(1).EventId));
        Assert.Equal("2024-01-01T00:00:00Z", Encoding.UTF8.GetString(batch.Attributes(1).OccurredAt));
    }

    private static void Append(MicroBatch batch, PartitionLease lease, long offset, Headers? headers)
    {
        var (id, time) = CloudEventHeaders.Copy(headers, batch.Payload);
        batch.Append(
            lease, offset, MicroBatch.NoTimestamp, batch.Payload.Append("lead-1"u8), batch.Payload.Append(Encoding.UTF8.GetBytes(Value)), id, time);
    }

    private static Headers Headers(string? specVersion)
    {
        var headers = new Headers { { "ce_id", "e-1"u8.ToArray() }, { "ce_time", "2024-01-01T00:00:00Z"u8.ToArray() } };
        if (specVersion is not null)
            headers.Add("ce_specversion", Encoding.UTF8.GetBytes(specVersion));
        return headers;
    }
}
