namespace StreamScorer.Parquet.Format;

/// <summary>Reads the nodes of the footer's schema tree.</summary>
internal static class SchemaElementReader
{
    public static SchemaElement Read(ref ThriftCompactReader thrift)
    {
        var element = new SchemaElement { Name = "" };
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: element = element with { Type = (PhysicalType)thrift.ReadI32(type) }; break;
                case 2: element = element with { TypeLength = thrift.ReadI32(type) }; break;
                case 3: element = element with { Repetition = (Repetition)thrift.ReadI32(type) }; break;
                case 4: element = element with { Name = thrift.ReadString(type) }; break;
                case 5: element = element with { ChildCount = thrift.ReadI32(type) }; break;
                case 6: element = element with { Converted = (ConvertedType)thrift.ReadI32(type) }; break;
                case 7: element = element with { Scale = thrift.ReadI32(type) }; break;
                case 8: element = element with { Precision = thrift.ReadI32(type) }; break;
                case 10: element = element with { Logical = ReadLogicalType(ref thrift, type) }; break;
                default: thrift.Skip(type); break;
            }
        }
        return element;
    }

    private static LogicalType ReadLogicalType(ref ThriftCompactReader thrift, ThriftType unionType)
    {
        MetadataReader.ExpectStruct(unionType);
        var logical = new LogicalType(LogicalKind.None);
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            // A kind newer than this reader is kept as its number, so that the column can be refused by name.
            var kind = (LogicalKind)id;
            MetadataReader.ExpectStruct(type);
            logical = ReadParameters(ref thrift, kind);
        }
        return logical;
    }

    private static LogicalType ReadParameters(ref ThriftCompactReader thrift, LogicalKind kind)
    {
        var logical = new LogicalType(kind);
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (kind, id)
            {
                case (LogicalKind.Decimal, 1): logical = logical with { Scale = thrift.ReadI32(type) }; break;
                case (LogicalKind.Decimal, 2): logical = logical with { Precision = thrift.ReadI32(type) }; break;
                case (LogicalKind.Time or LogicalKind.Timestamp, 1):
                    logical = logical with { IsAdjustedToUtc = ThriftCompactReader.ReadBool(type) };
                    break;
                case (LogicalKind.Time or LogicalKind.Timestamp, 2):
                    logical = logical with { Unit = ReadUnit(ref thrift, type) };
                    break;
                case (LogicalKind.Integer, 1): logical = logical with { BitWidth = thrift.ReadI8(type) }; break;
                case (LogicalKind.Integer, 2): logical = logical with { IsSigned = ThriftCompactReader.ReadBool(type) }; break;
                default: thrift.Skip(type); break;
            }
        }
        return logical;
    }

    private static TimeUnit ReadUnit(ref ThriftCompactReader thrift, ThriftType unionType)
    {
        MetadataReader.ExpectStruct(unionType);
        var unit = TimeUnit.None;
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            unit = (TimeUnit)id;
            thrift.Skip(type);
        }
        return unit;
    }
}
