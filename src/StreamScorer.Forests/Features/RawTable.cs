namespace StreamScorer.Forests;

/// <summary>
/// Text cells column by column, as read from a CSV or Parquet file; a null cell is a missing value. Built by the caller;
/// the arrays are taken over, not copied.
/// </summary>
public sealed class RawTable
{
    private readonly Dictionary<string, string?[]> _columns;

    /// <summary>All columns must have one length and distinct names.</summary>
    /// <exception cref="ForestException">Names and columns differ in number, a name repeats, or lengths differ.</exception>
    public RawTable(IReadOnlyList<string> columnNames, IReadOnlyList<string?[]> columns)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        ArgumentNullException.ThrowIfNull(columns);
        if (columnNames.Count != columns.Count)
            throw new ForestException($"The table has {columnNames.Count} column names but {columns.Count} columns.");

        ColumnNames = [.. columnNames];
        RowCount = columns.Count == 0 ? 0 : columns[0].Length;
        _columns = new Dictionary<string, string?[]>(columns.Count, StringComparer.Ordinal);
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Length != RowCount)
                throw new ForestException(
                    $"Column '{columnNames[i]}' has {columns[i].Length} rows, '{columnNames[0]}' has {RowCount}.");
            if (!_columns.TryAdd(columnNames[i], columns[i]))
                throw new ForestException($"Column '{columnNames[i]}' occurs twice in the table: rename one of them.");
        }
    }

    public IReadOnlyList<string> ColumnNames { get; }

    public int RowCount { get; }

    /// <summary>The cells of a column, <see cref="RowCount"/> long; the table's own array.</summary>
    /// <exception cref="ForestException">There is no such column; the message lists those there are.</exception>
    public string?[] Column(string name) =>
        _columns.TryGetValue(name, out var cells)
            ? cells
            : throw new ForestException($"The table has no column '{name}'. It has: {string.Join(", ", ColumnNames)}.");

    public bool HasColumn(string name) => _columns.ContainsKey(name);
}
