namespace StreamScorer.Parquet;

/// <summary>One data page of a column chunk, as the file's page index describes it.</summary>
/// <param name="Offset">Where its header starts in the file.</param>
/// <param name="Bytes">Header and compressed page.</param>
/// <param name="FirstRow">Its first row, counted within the row group.</param>
/// <param name="Statistics">Its rows, nulls and bounds; without bounds where the file has no column index for the chunk.</param>
public sealed record PageInfo(long Offset, int Bytes, int FirstRow, ColumnStatistics Statistics)
{
    /// <summary>Rows of the page.</summary>
    public int RowCount => Statistics.RowCount;
}
