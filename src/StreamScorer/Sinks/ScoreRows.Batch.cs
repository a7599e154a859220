using StreamScorer.Consumer;
using StreamScorer.Scoring;

namespace StreamScorer.Sinks;

// The way from a scored micro-batch into the rows.
public sealed partial class ScoreRows
{
    /// <summary>Adds every scored event of a micro-batch.</summary>
    /// <returns>How many of them are hot.</returns>
    public long AppendBatch(MicroBatch batch, ScoredBatch scored, ScoringModel model)
    {
        BeginBatch(model.Name, model.Id, scored.ScoredAtMicros);
        PartitionLease? last = null;
        var slot = -1;
        var hot = 0L;
        var events = scored.Events;
        for (var i = 0; i < events.Length; i++)
        {
            var lease = batch.Leases[scored.Records[i]];
            if (!ReferenceEquals(lease, last))
                slot = PartitionSlot(lease.Partition.Topic, lease.Partition.Partition.Value);
            last = lease;
            ref readonly var decoded = ref scored.Decoded[i];
            Append(
                slot, events[i], scored.Texts.Get(decoded.LeadId), scored.Texts.Get(decoded.EventId),
                scored.Texts.Get(scored.Reasons[i]));
            hot += events[i].Hot ? 1 : 0;
        }

        return hot;
    }
}
