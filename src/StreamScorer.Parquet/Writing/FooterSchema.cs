using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>The footer's form of a schema we write, annotated the older and the newer way.</summary>
internal static class FooterSchema
{
    public static IEnumerable<SchemaElement> Of(ParquetSchema schema)
    {
        yield return new SchemaElement { Name = "schema", ChildCount = schema.Columns.Count };
        foreach (ParquetColumn column in schema.Columns)
            yield return Annotate(column);
    }

    private static SchemaElement Annotate(ParquetColumn column)
    {
        SchemaElement element = new()
        {
            Name = column.Name,
            Type = PhysicalTypeOf(column),
            Repetition = column.Nullable ? Repetition.Optional : Repetition.Required,
        };
        return column.Type switch
        {
            ParquetType.String => element with
            {
                Converted = ConvertedType.Utf8,
                Logical = new LogicalType(LogicalKind.String),
            },
            ParquetType.Date => element with
            {
                Converted = ConvertedType.Date,
                Logical = new LogicalType(LogicalKind.Date),
            },
            ParquetType.TimestampMicros => element with
            {
                Converted = ConvertedType.TimestampMicros,
                Logical = new LogicalType(LogicalKind.Timestamp) { IsAdjustedToUtc = true, Unit = TimeUnit.Micros },
            },
            ParquetType.Decimal => element with
            {
                Converted = ConvertedType.Decimal,
                Scale = column.Scale,
                Precision = column.Precision,
                Logical = new LogicalType(LogicalKind.Decimal) { Scale = column.Scale, Precision = column.Precision },
            },
            _ => element,
        };
    }

    private static PhysicalType PhysicalTypeOf(ParquetColumn column) => column.Type switch
    {
        ParquetType.Boolean => PhysicalType.Boolean,
        ParquetType.Int32 or ParquetType.Date => PhysicalType.Int32,
        ParquetType.Int64 or ParquetType.TimestampMicros => PhysicalType.Int64,
        ParquetType.Float => PhysicalType.Float,
        ParquetType.Double => PhysicalType.Double,
        ParquetType.Decimal => column.Precision <= 9 ? PhysicalType.Int32 : PhysicalType.Int64,
        _ => PhysicalType.ByteArray,
    };
}
