using System.Buffers.Binary;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Turns the statistics of a footer into <see cref="ColumnStatistics"/>, leaving out bounds that may not be trusted.
/// </summary>
internal static class BoundsReader
{
    /// <param name="statistics">What the footer says; null where it says nothing.</param>
    /// <param name="leaf">The column.</param>
    /// <param name="hasTypeOrder">Whether the footer says that its bounds follow the type's order.</param>
    /// <param name="rows">Rows of the row group.</param>
    public static ColumnStatistics Read(Statistics? statistics, LeafColumn leaf, bool hasTypeOrder, int rows)
    {
        var known = new ColumnStatistics { Type = leaf.Column.Type, RowCount = rows, NullCount = statistics?.NullCount };
        if (statistics is null)
            return known;
        // The older fields, and the newer without an order, are sure only where every writer compared alike: plain signed numbers.
        bool isPlainNumber = leaf.Physical is PhysicalType.Boolean or PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.Float
            or PhysicalType.Double && leaf.Conversion is not (ValueConversion.UnsignedInt32ToInt64
            or ValueConversion.UnsignedInt64ToInt64);
        if (statistics is { Min: not null, Max: not null } && (hasTypeOrder || isPlainNumber))
            return WithBounds(known, leaf, statistics.Min, statistics.Max);
        if (statistics is { DeprecatedMin: not null, DeprecatedMax: not null } && isPlainNumber)
            return WithBounds(known, leaf, statistics.DeprecatedMin, statistics.DeprecatedMax);
        return known;
    }

    private static ColumnStatistics WithBounds(ColumnStatistics known, LeafColumn leaf, byte[] min, byte[] max)
    {
        switch (ColumnStorage.KindOf(leaf.Column.Type))
        {
            case StorageKind.Bytes:
                return known with { HasBounds = true, MinBytes = min, MaxBytes = max };
            case StorageKind.Float or StorageKind.Double:
                (double low, double high) = (DoubleOf(leaf, min), DoubleOf(leaf, max));
                // Not even the comparison of a NaN bound says anything.
                return low <= high ? known with { HasBounds = true, MinDouble = low, MaxDouble = high } : known;
            default:
                return Int64Of(leaf, min) is long first && Int64Of(leaf, max) is long last && first <= last
                    ? known with { HasBounds = true, MinInt64 = first, MaxInt64 = last }
                    : known;
        }
    }

    private static double DoubleOf(LeafColumn leaf, byte[] bound) => (leaf.Physical, bound.Length) switch
    {
        (PhysicalType.Double, 8) => BinaryPrimitives.ReadDoubleLittleEndian(bound),
        (PhysicalType.Float, 4) => BinaryPrimitives.ReadSingleLittleEndian(bound),
        (PhysicalType.FixedLenByteArray, 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bound),
        _ => double.NaN,
    };

    private static long? Int64Of(LeafColumn leaf, byte[] bound)
    {
        long? stored = (leaf.Physical, bound.Length) switch
        {
            (PhysicalType.Boolean, 1) => bound[0] == 0 ? 0 : 1,
            (PhysicalType.Int32, 4) => BinaryPrimitives.ReadInt32LittleEndian(bound),
            (PhysicalType.Int64, 8) => BinaryPrimitives.ReadInt64LittleEndian(bound),
            (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, <= 8 and > 0) => BigEndian(bound),
            _ => null,
        };
        return leaf.Conversion switch
        {
            ValueConversion.MillisToMicros when stored is < long.MinValue / 1_000 or > long.MaxValue / 1_000 => null,
            ValueConversion.MillisToMicros => stored * 1_000,
            ValueConversion.NanosToMicros => stored is long nanos ? ChunkConversion.FloorDivide(nanos, 1_000) : null,
            ValueConversion.UnsignedInt32ToInt64 => stored is long unsigned ? (uint)unsigned : null,
            ValueConversion.UnsignedInt64ToInt64 => stored < 0 ? null : stored,
            ValueConversion.Int96ToMicros => null,
            _ => stored,
        };
    }

    private static long BigEndian(byte[] bound)
    {
        long value = (sbyte)bound[0];
        foreach (byte part in bound.AsSpan(1))
            value = (value << 8) | part;
        return value;
    }
}
