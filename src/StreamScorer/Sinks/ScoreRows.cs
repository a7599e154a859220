namespace StreamScorer.Sinks;

/// <summary>
/// Scored rows that wait for their checkpoint, in order of arrival. Columnar, reused from checkpoint to checkpoint; a
/// row allocates nothing. Used by one thread at a time.
/// </summary>
public sealed class ScoreRows
{
    /// <summary>Rows held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the rows take in memory, for bounds on memory.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Names the model and the time of the rows that follow: a micro-batch is scored by one model.</summary>
    public void BeginBatch(string modelName, string modelId, long scoredAtMicros) => throw new NotImplementedException();

    /// <summary>The buffer's number for a partition, to be handed to <see cref="Append"/>; valid until <see cref="Clear"/>.</summary>
    public int PartitionSlot(string topic, int partition) => throw new NotImplementedException();

    /// <summary>Adds a row. Offsets of one partition must rise.</summary>
    /// <param name="slot">From <see cref="PartitionSlot"/>.</param>
    /// <param name="scored">The decision.</param>
    /// <param name="leadId">The lead's id as UTF-8.</param>
    /// <param name="eventId">The event's id as UTF-8; empty: null.</param>
    /// <param name="reasonsJson">JSON array as UTF-8; empty: null.</param>
    /// <exception cref="InvalidOperationException">The offset is not above the partition's last one.</exception>
    public void Append(
        int slot, in ScoredEvent scored, ReadOnlySpan<byte> leadId, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> reasonsJson) =>
        throw new NotImplementedException();

    /// <summary>Rows held of one partition.</summary>
    public int CountOf(string topic, int partition) => throw new NotImplementedException();

    /// <summary>Forgets the rows of one partition, which was lost or refused.</summary>
    public void DropPartition(string topic, int partition) => throw new NotImplementedException();

    /// <summary>Forgets all rows and keeps the buffers.</summary>
    public void Clear() => throw new NotImplementedException();
}
