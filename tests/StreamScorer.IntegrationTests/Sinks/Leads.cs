using System.Text;
using StreamScorer.Sinks;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>One lead event of a test, with what matters for the sink and defaults for the rest.</summary>
internal sealed record Lead(string Id, double Probability, long Offset)
{
    public int Partition { get; init; }

    public long TimestampMicros { get; init; } = ScoredEvent.NoTime;

    public long OccurredAtMicros { get; init; } = ScoredEvent.NoTime;

    public string Reasons { get; init; } = """[{"feature":"City"}]""";

    public string Features { get; init; } = """{"city":"Mumbai"}""";

    /// <summary>A micro-batch of these events, in this order, scored by one model.</summary>
    public static HotLeadBatch Batch(IReadOnlyList<Lead> leads, string modelId = "m1", long scoredAtMicros = 1_000_000)
    {
        var batch = new HotLeadBatch();
        batch.Begin("lead-scoring", modelId, scoredAtMicros);
        for (int i = 0; i < leads.Count; i++)
        {
            var lead = leads[i];
            var scored = new ScoredEvent
            {
                Offset = lead.Offset,
                KafkaTimestampMicros = lead.TimestampMicros,
                OccurredAtMicros = lead.OccurredAtMicros,
                RawScore = lead.Probability,
                Probability = lead.Probability,
                Bucket = (int)(lead.Probability * 4.999) + 1,
                Tier = (char)('F' - ((int)(lead.Probability * 4.999) + 1)),
                Hot = lead.Probability > 0.7,
            };
            batch.Fold(batch.PartitionSlot(SinkDatabase.Topic, lead.Partition), Encoding.UTF8.GetBytes(lead.Id), scored, i);
        }

        for (int entry = 0; entry < batch.Count; entry++)
        {
            int hot = batch.HotEventIndex(entry);
            if (hot < 0)
                continue;
            string reasons = batch.IsHot(entry) ? leads[hot].Reasons : "";
            batch.SetDetails(entry, Encoding.UTF8.GetBytes(reasons), Encoding.UTF8.GetBytes(leads[hot].Features));
        }

        return batch;
    }
}
