using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Maps a schema element's physical type and annotations to a <see cref="ParquetType"/> and the conversion to it.
/// </summary>
internal static class ColumnTypes
{
    private const int MaxFixedBytes = 1 << 20;

    /// <param name="element">A leaf that is not repeated.</param>
    /// <param name="ordinal">Its position among the leaves.</param>
    /// <param name="column">The column, null where its type cannot be read.</param>
    /// <param name="problem">Why it cannot, null where it can.</param>
    public static bool TryMap(SchemaElement element, int ordinal, out LeafColumn? column, out string? problem)
    {
        column = null;
        problem = null;
        (ParquetType type, ValueConversion conversion)? mapped = element.Type switch
        {
            PhysicalType.Boolean => (ParquetType.Boolean, ValueConversion.None),
            PhysicalType.Int32 => MapInt32(element),
            PhysicalType.Int64 => MapInt64(element),
            PhysicalType.Int96 => (ParquetType.TimestampMicros, ValueConversion.Int96ToMicros),
            PhysicalType.Float => (ParquetType.Float, ValueConversion.None),
            PhysicalType.Double => (ParquetType.Double, ValueConversion.None),
            PhysicalType.ByteArray => MapByteArray(element),
            PhysicalType.FixedLenByteArray when element.TypeLength is > 0 and <= MaxFixedBytes => MapFixed(element),
            _ => null,
        };
        if (mapped is null)
        {
            problem = $"its type {element.Type} with annotation {Annotation(element)} is not supported";
            return false;
        }
        (int precision, int scale) = mapped.Value.type == ParquetType.Decimal ? DecimalOf(element) : (0, 0);
        var given = new ParquetColumn(
            element.Name, mapped.Value.type, element.Repetition == Repetition.Optional, precision, scale);
        column = new LeafColumn(given, ordinal, element.Type!.Value, element.TypeLength, mapped.Value.conversion);
        return true;
    }

    private static (ParquetType, ValueConversion)? MapInt32(SchemaElement element)
    {
        if (IsDecimal(element))
            return HasSupportedDigits(element) ? (ParquetType.Decimal, ValueConversion.Int32ToInt64) : null;
        if (element.Logical.Kind == LogicalKind.Date || element.Converted == ConvertedType.Date)
            return (ParquetType.Date, ValueConversion.None);
        bool isUnsigned32 = element.Converted == ConvertedType.UInt32
            || element.Logical is { Kind: LogicalKind.Integer, IsSigned: false, BitWidth: 32 };
        return isUnsigned32
            ? (ParquetType.Int64, ValueConversion.UnsignedInt32ToInt64)
            : (ParquetType.Int32, ValueConversion.None);
    }

    private static (ParquetType, ValueConversion)? MapInt64(SchemaElement element)
    {
        if (IsDecimal(element))
            return HasSupportedDigits(element) ? (ParquetType.Decimal, ValueConversion.None) : null;
        if (element.Logical.Kind == LogicalKind.Timestamp)
        {
            return element.Logical.Unit switch
            {
                TimeUnit.Millis => (ParquetType.TimestampMicros, ValueConversion.MillisToMicros),
                TimeUnit.Micros => (ParquetType.TimestampMicros, ValueConversion.None),
                TimeUnit.Nanos => (ParquetType.TimestampMicros, ValueConversion.NanosToMicros),
                _ => null,
            };
        }
        bool isUnsigned64 = element.Converted == ConvertedType.UInt64
            || element.Logical is { Kind: LogicalKind.Integer, IsSigned: false, BitWidth: 64 };
        return element.Converted switch
        {
            ConvertedType.TimestampMillis => (ParquetType.TimestampMicros, ValueConversion.MillisToMicros),
            ConvertedType.TimestampMicros => (ParquetType.TimestampMicros, ValueConversion.None),
            _ when isUnsigned64 => (ParquetType.Int64, ValueConversion.UnsignedInt64ToInt64),
            _ => (ParquetType.Int64, ValueConversion.None),
        };
    }

    private static (ParquetType, ValueConversion)? MapByteArray(SchemaElement element)
    {
        if (IsDecimal(element))
            return HasSupportedDigits(element) ? (ParquetType.Decimal, ValueConversion.BigEndianToInt64) : null;
        bool isText = element.Converted is ConvertedType.Utf8 or ConvertedType.Enum or ConvertedType.Json
            || element.Logical.Kind is LogicalKind.String or LogicalKind.Enum or LogicalKind.Json;
        return (isText ? ParquetType.String : ParquetType.Binary, ValueConversion.None);
    }

    private static (ParquetType, ValueConversion)? MapFixed(SchemaElement element)
    {
        if (IsDecimal(element))
            return HasSupportedDigits(element) ? (ParquetType.Decimal, ValueConversion.BigEndianToInt64) : null;
        if (element.Logical.Kind == LogicalKind.Float16)
            return element.TypeLength == 2 ? (ParquetType.Float, ValueConversion.HalfToFloat) : null;
        return (ParquetType.Binary, ValueConversion.None);
    }

    private static bool IsDecimal(SchemaElement element) =>
        element.Logical.Kind == LogicalKind.Decimal || element.Converted == ConvertedType.Decimal;

    private static (int Precision, int Scale) DecimalOf(SchemaElement element) => element.Logical.Kind == LogicalKind.Decimal
        ? (element.Logical.Precision, element.Logical.Scale)
        : (element.Precision, element.Scale);

    private static bool HasSupportedDigits(SchemaElement element)
    {
        (int precision, int scale) = DecimalOf(element);
        return precision is >= 1 and <= 18 && scale >= 0 && scale <= precision;
    }

    private static string Annotation(SchemaElement element)
    {
        if (IsDecimal(element))
            return $"decimal{DecimalOf(element)}";
        return element.Logical.Kind != LogicalKind.None ? $"{element.Logical.Kind}" : $"{element.Converted?.ToString() ?? "none"}";
    }
}
