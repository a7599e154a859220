using System.Text;
using StreamScorer.Parquet.Reading;

namespace StreamScorer.Parquet;

/// <summary>The values of one column of one row group; its memory is reused from one <see cref="ParquetFileReader.ReadColumn"/> to
/// the next, which ends the life of spans taken from it. The getters throw <see cref="InvalidOperationException"/> for a column of
/// another type, and <see cref="ArgumentOutOfRangeException"/> for a row that is not there; of a missing value they give 0, false
/// or nothing.</summary>
public sealed class ColumnValues
{
    /// <summary>Rows, missing values included.</summary>
    public int Count { get; internal set; }

    /// <summary>What the column holds.</summary>
    public ParquetType Type { get; internal set; }

    /// <summary>Rows without a value.</summary>
    public int NullCount { get; internal set; }

    /// <summary>All values of a Double column by row.</summary>
    public ReadOnlySpan<double> Doubles => Of(StorageKind.Double, Storage.Doubles);

    /// <summary>All values of an Int64, TimestampMicros or Decimal column by row.</summary>
    public ReadOnlySpan<long> Int64s => Of(StorageKind.Int64, Storage.Int64s);

    /// <summary>All values of an Int32 or Date column by row.</summary>
    public ReadOnlySpan<int> Int32s => Of(StorageKind.Int32, Storage.Int32s);

    internal ColumnStorage Storage { get; } = new();

    /// <summary>Whether this row has no value.</summary>
    public bool IsNull(int row)
    {
        CheckRow(row);
        return NullCount > 0 && Storage.Levels.Values[row] == 0;
    }

    /// <summary>A value of a Boolean column.</summary>
    public bool GetBoolean(int row) => Of(StorageKind.Boolean, Storage.Booleans)[CheckRow(row)] != 0;

    /// <summary>A value of an Int32 or Date column.</summary>
    public int GetInt32(int row) => Of(StorageKind.Int32, Storage.Int32s)[CheckRow(row)];

    /// <summary>A value of an Int64, TimestampMicros, Decimal (unscaled), Int32 or Date column.</summary>
    public long GetInt64(int row) => Storage.Kind == StorageKind.Int32 ? GetInt32(row) : Int64s[CheckRow(row)];

    /// <summary>A value of a Float column.</summary>
    public float GetFloat(int row) => Of(StorageKind.Float, Storage.Floats)[CheckRow(row)];

    /// <summary>A value of a Double or Float column.</summary>
    public double GetDouble(int row) => Storage.Kind == StorageKind.Float ? GetFloat(row) : Doubles[CheckRow(row)];

    /// <summary>A value of a String or Binary column.</summary>
    public ReadOnlySpan<byte> GetBytes(int row)
    {
        CheckKind(StorageKind.Bytes);
        return Storage.Bytes[CheckRow(row)];
    }

    /// <summary>A value of a String column; null where it is missing.</summary>
    public string? GetString(int row) => IsNull(row) ? null : Encoding.UTF8.GetString(GetBytes(row));

    /// <summary>Keeps some of the rows, which then count from 0.</summary>
    internal void Keep(int first, int rows)
    {
        Storage.Keep(first, rows, NullCount > 0);
        Count = rows;
        if (NullCount > 0)
            NullCount = Storage.Levels.Values.AsSpan(0, rows).Count((byte)0);
    }

    private ReadOnlySpan<T> Of<T>(StorageKind kind, NumberStore<T> store)
        where T : unmanaged
    {
        CheckKind(kind);
        return store.Values.AsSpan(0, Count);
    }

    private void CheckKind(StorageKind kind)
    {
        if (Storage.Kind != kind)
            throw new InvalidOperationException($"A column of type {Type} does not hold {kind} values.");
    }

    private int CheckRow(int row)
    {
        if ((uint)row >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The column holds {Count} rows.");
        return row;
    }
}
