namespace StreamScorer.Sinks;

/// <summary>A file under <c>staging/</c> as its sidecar describes it.</summary>
/// <param name="FileId">The file's identity and staging name.</param>
/// <param name="GroupId">The consumer group that wrote it.</param>
/// <param name="Partitions">Its partitions and the epochs it was written under.</param>
public sealed record StagedFile(Guid FileId, string GroupId, IReadOnlyList<PartitionEpoch> Partitions);
