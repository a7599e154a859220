namespace StreamScorer.Parquet;

/// <summary>What a verification looked at.</summary>
/// <param name="Rows">Rows of the file.</param>
/// <param name="RowGroups">Row groups.</param>
/// <param name="Columns">Columns that were decoded.</param>
/// <param name="Pages">Data pages that were decoded.</param>
/// <param name="UnsupportedColumns">Columns that cannot be read and were left out, by name with the reason.</param>
public sealed record FileVerification(
    long Rows, int RowGroups, int Columns, long Pages, IReadOnlyDictionary<string, string> UnsupportedColumns)
{
    /// <summary>Decodes every value of a file and compares counts, sizes, checksums, statistics and page index with what the values
    /// are. Memory: one column of one row group at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The bounds within which it is believed; null for the defaults.</param>
    /// <param name="ct">Ends the verification between two columns.</param>
    /// <exception cref="ParquetException">The first fault; the message names file, row group, column and page.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileVerification Run(string path, ParquetReaderOptions? options = null, CancellationToken ct = default)
    {
        using ParquetFileReader reader = ParquetFileReader.Open(path, options);
        reader.VerifyPlaces();
        var values = new ColumnValues();
        long pages = 0;
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            for (int column = 0; column < reader.Schema.Columns.Count; column++)
            {
                ct.ThrowIfCancellationRequested();
                pages += reader.VerifyColumn(group, column, values);
            }
        }
        return new FileVerification(
            reader.RowCount, reader.RowGroupCount, reader.Schema.Columns.Count, pages, reader.UnsupportedColumns);
    }
}
