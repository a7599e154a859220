namespace StreamScorer.Parquet;

/// <summary>The values of one column of one row group; its memory is reused from one ReadColumn to the next.</summary>
public sealed class ColumnValues
{
    /// <summary>Rows, nulls included.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>What the column holds.</summary>
    public ParquetType Type => throw new NotImplementedException();

    /// <summary>Whether this row has no value.</summary>
    public bool IsNull(int row) => throw new NotImplementedException();

    /// <summary>A value of a Boolean column.</summary>
    public bool GetBoolean(int row) => throw new NotImplementedException();

    /// <summary>A value of an Int32 or Date column.</summary>
    public int GetInt32(int row) => throw new NotImplementedException();

    /// <summary>A value of an Int64, TimestampMicros, Decimal (unscaled), Int32 or Date column.</summary>
    public long GetInt64(int row) => throw new NotImplementedException();

    /// <summary>A value of a Float column.</summary>
    public float GetFloat(int row) => throw new NotImplementedException();

    /// <summary>A value of a Double or Float column.</summary>
    public double GetDouble(int row) => throw new NotImplementedException();

    /// <summary>A value of a String or Binary column; empty where it is null.</summary>
    public ReadOnlySpan<byte> GetBytes(int row) => throw new NotImplementedException();

    /// <summary>A value of a String column; null where it is null.</summary>
    public string? GetString(int row) => throw new NotImplementedException();
}
