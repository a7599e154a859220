using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>A flat column of a file that is read.</summary>
/// <param name="Column">What its values are given as.</param>
/// <param name="Ordinal">Its position among the column chunks of a row group, nested leaves counted.</param>
/// <param name="Physical">How its values lie in pages.</param>
/// <param name="TypeLength">Bytes per value of a fixed-length byte array.</param>
/// <param name="Conversion">What turns the stored values into the given ones.</param>
internal sealed record LeafColumn(
    ParquetColumn Column, int Ordinal, PhysicalType Physical, int TypeLength, ValueConversion Conversion);

/// <summary>What turns stored values into those of a <see cref="ParquetType"/>.</summary>
internal enum ValueConversion
{
    None,
    MillisToMicros,
    NanosToMicros,
    Int96ToMicros,
    Int32ToInt64,
    UnsignedInt32ToInt64,
    UnsignedInt64ToInt64,
    BigEndianToInt64,
    HalfToFloat,
}
