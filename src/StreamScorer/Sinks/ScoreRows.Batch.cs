using System.Runtime.CompilerServices;
using StreamScorer.Consumer;
using StreamScorer.Scoring;

namespace StreamScorer.Sinks;

// The way from a scored micro-batch into the rows.
public sealed partial class ScoreRows
{
    /// <summary>Adds every scored event of a micro-batch.</summary>
    /// <returns>How many of them are hot.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in BatchScorer
    public long AppendBatch(MicroBatch batch, ScoredBatch scored, ScoringModel model)
    {
        BeginBatch(model.Name, model.Id, scored.ScoredAtMicros);
        PartitionLease? last = null;
        var slot = -1;
        var hot = 0L;
        var events = scored.Events;
        var records = scored.Records;
        var details = scored.Decoded;
        var reasons = scored.Reasons;
        var leases = batch.Leases;
        var texts = scored.Texts;
        for (var i = 0; i < events.Length; i++)
        {
            var lease = leases[records[i]];
            if (!ReferenceEquals(lease, last))
                slot = PartitionSlot(lease.Partition.Topic, lease.Partition.Partition.Value);
            last = lease;
            ref readonly var decoded = ref details[i];
            Append(
                slot, events[i], texts.Get(decoded.LeadId), texts.Get(decoded.EventId), texts.Get(reasons[i]));
            hot += events[i].Hot ? 1 : 0;
        }

        return hot;
    }
}
