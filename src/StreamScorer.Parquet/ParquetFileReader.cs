namespace StreamScorer.Parquet;

/// <summary>Reads one Parquet file, column by column.</summary>
public sealed class ParquetFileReader : IDisposable
{
    private ParquetFileReader()
    {
    }

    /// <summary>Opens a file and reads its footer.</summary>
    public static ParquetFileReader Open(string path) => throw new NotImplementedException();

    /// <summary>The flat columns.</summary>
    public ParquetSchema Schema => throw new NotImplementedException();

    /// <summary>Rows in all.</summary>
    public long RowCount => throw new NotImplementedException();

    /// <summary>Row groups.</summary>
    public int RowGroupCount => throw new NotImplementedException();

    /// <summary>Rows of one row group.</summary>
    public int RowGroupRows(int rowGroup) => throw new NotImplementedException();

    /// <summary>Key-value metadata of the footer.</summary>
    public IReadOnlyDictionary<string, string> Metadata => throw new NotImplementedException();

    /// <summary>Reads the values of one column of one row group.</summary>
    public void ReadColumn(int rowGroup, int column, ColumnValues into) => throw new NotImplementedException();

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
    }
}
