namespace StreamScorer.Sinks;

/// <summary>The offsets of one partition that one checkpoint accounts for.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="OwnerEpoch">The epoch under which the rows were scored.</param>
/// <param name="StartOffset">First offset, inclusive: the partition's next_offset at registration.</param>
/// <param name="EndOffset">Next offset to read, exclusive, above <paramref name="StartOffset"/>.</param>
/// <param name="RowCount">Score rows in the file: the offsets less dead letters, tombstones and gaps.</param>
public sealed record PartitionRange(
    string Topic, int Partition, long OwnerEpoch, long StartOffset, long EndOffset, long RowCount);
