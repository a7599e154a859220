namespace StreamScorer.Parquet.Format;

/// <summary>Reads the heads of pages; whether their sizes make sense is the caller's to check.</summary>
internal static class PageHeaderReader
{
    /// <param name="bytes">The rest of the column chunk.</param>
    /// <param name="headerBytes">How many of them the header takes; the page follows.</param>
    /// <exception cref="ParquetException">The bytes are no page header.</exception>
    public static PageHeader Read(ReadOnlySpan<byte> bytes, out int headerBytes)
    {
        var thrift = new ThriftCompactReader(bytes);
        var header = new PageHeader { UncompressedBytes = -1, CompressedBytes = -1, ValueCount = -1 };
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: header.Type = (PageType)thrift.ReadI32(type); break;
                case 2: header.UncompressedBytes = thrift.ReadI32(type); break;
                case 3: header.CompressedBytes = thrift.ReadI32(type); break;
                case 4: header.Crc = thrift.ReadI32(type); break;
                case 5: ReadDataPage(ref thrift, type, header); break;
                case 7: ReadDictionaryPage(ref thrift, type, header); break;
                case 8: ReadDataPageV2(ref thrift, type, header); break;
                default: thrift.Skip(type); break;
            }
        }
        headerBytes = thrift.Position;
        return header;
    }

    private static void ReadDataPage(ref ThriftCompactReader thrift, ThriftType structType, PageHeader header)
    {
        MetadataReader.ExpectStruct(structType);
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: header.ValueCount = thrift.ReadI32(type); break;
                case 2: header.Encoding = (PageEncoding)thrift.ReadI32(type); break;
                case 3: header.DefinitionLevelEncoding = (PageEncoding)thrift.ReadI32(type); break;
                case 5: header.Statistics = MetadataReader.ReadStatistics(ref thrift, type); break;
                default: thrift.Skip(type); break;
            }
        }
    }

    private static void ReadDictionaryPage(ref ThriftCompactReader thrift, ThriftType structType, PageHeader header)
    {
        MetadataReader.ExpectStruct(structType);
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: header.ValueCount = thrift.ReadI32(type); break;
                case 2: header.Encoding = (PageEncoding)thrift.ReadI32(type); break;
                default: thrift.Skip(type); break;
            }
        }
    }

    private static void ReadDataPageV2(ref ThriftCompactReader thrift, ThriftType structType, PageHeader header)
    {
        MetadataReader.ExpectStruct(structType);
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: header.ValueCount = thrift.ReadI32(type); break;
                case 2: header.NullCount = thrift.ReadI32(type); break;
                case 4: header.Encoding = (PageEncoding)thrift.ReadI32(type); break;
                case 5: header.DefinitionLevelBytes = thrift.ReadI32(type); break;
                case 6: header.RepetitionLevelBytes = thrift.ReadI32(type); break;
                case 7: header.IsCompressed = ThriftCompactReader.ReadBool(type); break;
                case 8: header.Statistics = MetadataReader.ReadStatistics(ref thrift, type); break;
                default: thrift.Skip(type); break;
            }
        }
    }
}
