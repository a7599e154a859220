namespace StreamScorer.Parquet.Format;

/// <summary>An entry of the OffsetIndex.</summary>
/// <param name="Offset">Where the page's header starts in the file.</param>
/// <param name="Bytes">Header and compressed page.</param>
/// <param name="FirstRow">The page's first row, counted within its row group.</param>
internal readonly record struct PageLocation(long Offset, int Bytes, long FirstRow);
