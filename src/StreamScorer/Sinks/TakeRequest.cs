namespace StreamScorer.Sinks;

/// <summary>One partition that a worker wants to take (step 1 of the delivery protocol).</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="InitialOffset">Where to begin when the group has no progress for this partition yet; unused otherwise.</param>
public sealed record TakeRequest(string Topic, int Partition, long InitialOffset);

/// <summary>A taken partition: where consumption starts, and the epoch that every write carries.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="OwnerEpoch">The epoch raised by this taking.</param>
/// <param name="NextOffset">The first offset that no registered checkpoint covers.</param>
public sealed record TakenPartition(string Topic, int Partition, long OwnerEpoch, long NextOffset);
