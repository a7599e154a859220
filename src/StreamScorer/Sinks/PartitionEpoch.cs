namespace StreamScorer.Sinks;

/// <summary>The right to write for one partition: the epoch that <see cref="ProgressLedger.TakeAsync"/> gave.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="OwnerEpoch">The epoch of the taking; a write that carries an older one than the database has is refused.</param>
public readonly record struct PartitionEpoch(string Topic, int Partition, long OwnerEpoch);
