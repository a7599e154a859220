namespace StreamScorer.Parquet;

/// <summary>Writes one Parquet file, row group by row group, under a staging name. Nothing is visible under the final name before
/// <see cref="CompleteAs"/>; a writer disposed of before <see cref="Complete"/> deletes what it staged.</summary>
public sealed class ParquetFileWriter : IDisposable
{
    private ParquetFileWriter()
    {
    }

    /// <summary>Starts a file.</summary>
    /// <param name="stagingPath">Where it grows; must not end in .parquet, so that no reader's glob ever sees it.</param>
    /// <param name="schema">Its columns.</param>
    /// <param name="options">Its layout; null for the defaults.</param>
    public static ParquetFileWriter Create(string stagingPath, ParquetSchema schema, ParquetWriterOptions? options = null) =>
        throw new NotImplementedException();

    /// <summary>Rows ended so far.</summary>
    public long RowCount => throw new NotImplementedException();

    /// <summary>The writer of the column at this position of the schema.</summary>
    public ColumnWriter Column(int index) => throw new NotImplementedException();

    /// <summary>The writer of the column with this name.</summary>
    public ColumnWriter Column(string name) => throw new NotImplementedException();

    /// <summary>Ends a row: every column must have got exactly one value since the last call. May write a row group.</summary>
    public void EndRow() => EndRows(1);

    /// <summary>Ends rows: every column must have got exactly that many values since the last call. May write a row group.</summary>
    public void EndRows(int rows) => throw new NotImplementedException();

    /// <summary>Writes the footer and syncs file and folder: the staged file is whole and durable.</summary>
    public void Complete() => throw new NotImplementedException();

    /// <summary><see cref="Complete"/>, then the final name by put-if-absent, its folder synced.</summary>
    public void CompleteAs(string finalPath) => throw new NotImplementedException();

    /// <summary>Closes the file; without <see cref="Complete"/> before, deletes it.</summary>
    public void Dispose()
    {
    }
}
