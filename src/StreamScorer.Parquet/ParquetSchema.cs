namespace StreamScorer.Parquet;

/// <summary>The flat columns of a file, in file order.</summary>
public sealed class ParquetSchema
{
    private readonly ParquetColumn[] _columns;
    private readonly Dictionary<string, int> _indexByName;

    /// <summary>Makes a schema of these columns.</summary>
    public ParquetSchema(params ParquetColumn[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = (ParquetColumn[])columns.Clone();
        _indexByName = new Dictionary<string, int>(columns.Length, StringComparer.Ordinal);
        for (int i = 0; i < columns.Length; i++)
            _indexByName.TryAdd(columns[i].Name, i);
    }

    /// <summary>The columns in file order.</summary>
    public IReadOnlyList<ParquetColumn> Columns => _columns;

    /// <summary>The position of the first column with this name (case counts), -1 where there is none.</summary>
    public int IndexOf(string name) => _indexByName.GetValueOrDefault(name, -1);

    /// <summary>Checks what a file we write demands: at least one column, unique names, decimals within 18 digits.</summary>
    /// <exception cref="ArgumentException">A rule is broken; the message names the column.</exception>
    internal void CheckWritable()
    {
        if (_columns.Length == 0)
            throw new ArgumentException("A Parquet schema needs at least one column.");
        if (_indexByName.Count != _columns.Length)
        {
            string twice = _columns.GroupBy(c => c.Name, StringComparer.Ordinal).First(g => g.Count() > 1).Key;
            throw new ArgumentException($"Column name '{twice}' occurs twice in the schema.");
        }
        foreach (ParquetColumn column in _columns)
            CheckWritable(column);
    }

    private static void CheckWritable(ParquetColumn column)
    {
        if (string.IsNullOrEmpty(column.Name))
            throw new ArgumentException("A Parquet column needs a name.");
        if (!Enum.IsDefined(column.Type))
            throw new ArgumentException($"Column '{column.Name}': {(int)column.Type} is no ParquetType.");
        bool isDecimal = column.Type == ParquetType.Decimal;
        if (isDecimal && (column.Precision is < 1 or > 18 || column.Scale < 0 || column.Scale > column.Precision))
        {
            throw new ArgumentException($"Column '{column.Name}': a decimal needs a precision of 1 to 18 and a scale of 0 to the "
                + $"precision, not ({column.Precision}, {column.Scale}).");
        }
        if (!isDecimal && (column.Precision != 0 || column.Scale != 0))
            throw new ArgumentException($"Column '{column.Name}': precision and scale belong to decimals only.");
    }
}
