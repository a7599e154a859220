namespace StreamScorer.Sinks;

/// <summary>
/// A micro-batch folded to the newest event of each lead. Columnar and reused from batch to batch; folding an event
/// allocates nothing. Used by one thread at a time.
/// </summary>
public sealed class HotLeadBatch
{
    /// <summary>Leads in the batch; entries are 0 to Count - 1.</summary>
    public int Count { get; private set; }

    /// <summary>Empties the batch and names the one model that scores it.</summary>
    public void Begin(string modelName, string modelId, long scoredAtMicros) => throw new NotImplementedException();

    /// <summary>The batch's number for a partition, to be handed to <see cref="Fold"/>.</summary>
    public int PartitionSlot(string topic, int partition) => throw new NotImplementedException();

    /// <summary>
    /// Takes the event in if it is its lead's newest so far: highest offset within a partition, else newest broker
    /// timestamp. Events of one partition come in offset order.
    /// </summary>
    /// <param name="slot">From <see cref="PartitionSlot"/>.</param>
    /// <param name="leadId">The lead's id as UTF-8.</param>
    /// <param name="scored">The decision.</param>
    /// <param name="eventIndex">The caller's own number of the event, given back by <see cref="EventIndex"/>.</param>
    public void Fold(int slot, ReadOnlySpan<byte> leadId, in ScoredEvent scored, int eventIndex) =>
        throw new NotImplementedException();

    /// <summary>Whether the lead's newest event in this batch is hot.</summary>
    public bool IsHot(int entry) => throw new NotImplementedException();

    /// <summary>The caller's number of the lead's newest event.</summary>
    public int EventIndex(int entry) => throw new NotImplementedException();

    /// <summary>
    /// Sets what a hot row shows beside the score; to be called after all events are folded, at most once an entry.
    /// </summary>
    /// <param name="entry">0 to Count - 1.</param>
    /// <param name="reasonsJson">JSON array as UTF-8; empty: none.</param>
    /// <param name="featuresJson">JSON object as UTF-8; empty: none.</param>
    public void SetDetails(int entry, ReadOnlySpan<byte> reasonsJson, ReadOnlySpan<byte> featuresJson) =>
        throw new NotImplementedException();
}
