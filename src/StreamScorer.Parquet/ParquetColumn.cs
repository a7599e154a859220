namespace StreamScorer.Parquet;

/// <summary>One flat column.</summary>
/// <param name="Name">The name, unique within a schema that is written; any text but the empty one.</param>
/// <param name="Type">What the column holds.</param>
/// <param name="Nullable">Whether values may be missing.</param>
/// <param name="Precision">For <see cref="ParquetType.Decimal"/>: digits in all, 1 to 18. Otherwise 0.</param>
/// <param name="Scale">For <see cref="ParquetType.Decimal"/>: digits after the point, 0 to <paramref name="Precision"/>.
/// Otherwise 0.</param>
public sealed record ParquetColumn(string Name, ParquetType Type, bool Nullable = false, int Precision = 0, int Scale = 0);
