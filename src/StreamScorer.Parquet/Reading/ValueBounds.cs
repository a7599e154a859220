using System.Numerics;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>What is true of some rows of a column: their nulls, the least and the greatest value.</summary>
internal static class ValueBounds
{
    /// <summary>Looks at every row. NaN is passed over, as the format asks of bounds; without any other value there are none.
    /// </summary>
    public static ColumnStatistics Of(ColumnValues values, int firstRow, int rows)
    {
        int nulls = 0;
        if (values.NullCount > 0)
            nulls = values.Storage.Levels.Values.AsSpan(firstRow, rows).Count((byte)0);
        var known = new ColumnStatistics { Type = values.Type, RowCount = rows, NullCount = nulls };
        if (nulls == rows)
            return known;
        ColumnStorage storage = values.Storage;
        switch (storage.Kind)
        {
            case StorageKind.Boolean:
                return Whole(known, values, storage.Booleans.Values, firstRow);
            case StorageKind.Int32:
                return Whole(known, values, storage.Int32s.Values, firstRow);
            case StorageKind.Int64:
                return Whole(known, values, storage.Int64s.Values, firstRow);
            case StorageKind.Float:
                return Real(known, values, storage.Floats.Values, firstRow);
            case StorageKind.Double:
                return Real(known, values, storage.Doubles.Values, firstRow);
            default:
                return Bytes(known, values, firstRow);
        }
    }

    private static ColumnStatistics Whole<T>(ColumnStatistics known, ColumnValues values, T[] stored, int firstRow)
        where T : IBinaryInteger<T>
    {
        long min = long.MaxValue, max = long.MinValue;
        for (int row = firstRow; row < firstRow + known.RowCount; row++)
        {
            if (values.IsNull(row))
                continue;
            long value = long.CreateChecked(stored[row]);
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        return known with { HasBounds = true, MinInt64 = min, MaxInt64 = max };
    }

    private static ColumnStatistics Real<T>(ColumnStatistics known, ColumnValues values, T[] stored, int firstRow)
        where T : IFloatingPoint<T>
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        for (int row = firstRow; row < firstRow + known.RowCount; row++)
        {
            double value = double.CreateChecked(stored[row]);
            if (double.IsNaN(value) || values.IsNull(row))
                continue;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        return min <= max ? known with { HasBounds = true, MinDouble = min, MaxDouble = max } : known;
    }

    private static ColumnStatistics Bytes(ColumnStatistics known, ColumnValues values, int firstRow)
    {
        int min = -1, max = -1;
        for (int row = firstRow; row < firstRow + known.RowCount; row++)
        {
            if (values.IsNull(row))
                continue;
            ReadOnlySpan<byte> value = values.GetBytes(row);
            if (min < 0 || value.SequenceCompareTo(values.GetBytes(min)) < 0)
                min = row;
            if (max < 0 || value.SequenceCompareTo(values.GetBytes(max)) > 0)
                max = row;
        }
        return known with { HasBounds = true, MinBytes = values.GetBytes(min).ToArray(), MaxBytes = values.GetBytes(max).ToArray() };
    }
}
