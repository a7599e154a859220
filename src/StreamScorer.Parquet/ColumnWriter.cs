namespace StreamScorer.Parquet;

/// <summary>Takes the values of one column, in row order. Which overloads apply follows from the column's type; the others throw.
/// Not for use by several threads at once.</summary>
public abstract class ColumnWriter
{
    private protected ColumnWriter(ParquetColumn column) => Column = column;

    /// <summary>The column this writes.</summary>
    public ParquetColumn Column { get; }

    /// <summary>Adds one value to a Boolean column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void Append(bool value) => throw WrongType("bool");

    /// <summary>Adds one value to an Int32 or Date (days since 1970-01-01) column; Int64, TimestampMicros and Decimal columns take
    /// it too.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void Append(int value) => throw WrongType("int");

    /// <summary>Adds one value to an Int64, TimestampMicros (microseconds since 1970-01-01T00:00:00Z) or Decimal (unscaled)
    /// column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number has more digits than the decimal column's precision.</exception>
    public virtual void Append(long value) => throw WrongType("long");

    /// <summary>Adds one value to a Float column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void Append(float value) => throw WrongType("float");

    /// <summary>Adds one value to a Double column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void Append(double value) => throw WrongType("double");

    /// <summary>Adds one value to a String (valid UTF-8) or Binary column. The bytes are copied.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    /// <exception cref="ArgumentException">The bytes are no valid UTF-8, and the column is of type String.</exception>
    public virtual void Append(ReadOnlySpan<byte> value) => throw WrongType("bytes");

    /// <summary>Adds one value to a String column; null is <see cref="AppendNull"/>.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void Append(string? value) => throw WrongType("string");

    /// <summary>Adds a missing value.</summary>
    /// <exception cref="InvalidOperationException">The column is not nullable.</exception>
    public abstract void AppendNull();

    /// <summary>Adds many values to an Int64, TimestampMicros or Decimal column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void AppendRange(ReadOnlySpan<long> values) => throw WrongType("long");

    /// <summary>Adds many values to a Double column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void AppendRange(ReadOnlySpan<double> values) => throw WrongType("double");

    /// <summary>Adds many values to an Int32 or Date column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void AppendRange(ReadOnlySpan<int> values) => throw WrongType("int");

    /// <summary>Adds many values to a Boolean column.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public virtual void AppendRange(ReadOnlySpan<bool> values) => throw WrongType("bool");

    private InvalidOperationException WrongType(string given) =>
        new($"Column '{Column.Name}' is of type {Column.Type} and takes no {given} values.");
}
