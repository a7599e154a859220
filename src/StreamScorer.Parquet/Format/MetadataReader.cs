namespace StreamScorer.Parquet.Format;

/// <summary>Reads footers; unknown fields are skipped. Whether offsets and counts make sense is the caller's to check.</summary>
internal static class MetadataReader
{
    // An element takes few bytes in the footer and many in memory.
    private const int MaxSchemaElements = 100_000;

    // By bit: version, schema, num_rows, row_groups. A footer that is signed, which field 8 says, has its signature behind it.
    private const int RequiredFields = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4);
    private const int EncryptionField = 1 << 8;

    /// <exception cref="ParquetException">The bytes are no footer.</exception>
    public static FileMetadata ReadFooter(ReadOnlySpan<byte> bytes)
    {
        var thrift = new ThriftCompactReader(bytes);
        var file = new FileMetadata();
        int seen = 0;
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            seen |= id is >= 0 and < 32 ? 1 << id : 0;
            switch (id)
            {
                case 2:
                    int elements = thrift.ReadListHead(type, out _);
                    if (elements > MaxSchemaElements)
                        throw new ParquetException($"A schema of {elements} elements is over the {MaxSchemaElements} allowed.");
                    for (int n = elements; n > 0; n--)
                        file.Schema.Add(SchemaElementReader.Read(ref thrift));
                    break;
                case 3:
                    file.RowCount = thrift.ReadI64(type);
                    break;
                case 4:
                    for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                        file.RowGroups.Add(ReadRowGroup(ref thrift));
                    break;
                case 5:
                    for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                        file.KeyValues.Add(ReadKeyValue(ref thrift));
                    break;
                case 6:
                    file.CreatedBy = thrift.ReadString(type);
                    break;
                case 7:
                    for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                        file.HasTypeOrder.Add(ReadColumnOrder(ref thrift));
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }
        CheckWhole(seen, bytes.Length - thrift.Position);
        return file;
    }

    // Damage may end the structure early; what has been read until then would pass for a file with fewer columns or no rows.
    private static void CheckWhole(int seenFields, int bytesLeft)
    {
        if ((seenFields & RequiredFields) != RequiredFields)
            throw new ParquetException("The footer lacks its version, schema, row count or row groups: it is damaged.");
        if (bytesLeft > 0 && (seenFields & EncryptionField) == 0)
            throw new ParquetException($"{bytesLeft} bytes follow the footer's end: it is damaged.");
    }

    /// <summary>Reads a Statistics structure; page headers hold them too.</summary>
    public static Statistics ReadStatistics(ref ThriftCompactReader thrift, ThriftType structType)
    {
        ExpectStruct(structType);
        var statistics = new Statistics();
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: statistics.DeprecatedMax = thrift.ReadBinary(type).ToArray(); break;
                case 2: statistics.DeprecatedMin = thrift.ReadBinary(type).ToArray(); break;
                case 3: statistics.NullCount = thrift.ReadI64(type); break;
                case 4: statistics.DistinctCount = thrift.ReadI64(type); break;
                case 5: statistics.Max = thrift.ReadBinary(type).ToArray(); break;
                case 6: statistics.Min = thrift.ReadBinary(type).ToArray(); break;
                case 7: statistics.IsMaxExact = ThriftCompactReader.ReadBool(type); break;
                case 8: statistics.IsMinExact = ThriftCompactReader.ReadBool(type); break;
                default: thrift.Skip(type); break;
            }
        }
        return statistics;
    }

    /// <exception cref="ParquetException">The field holds something else.</exception>
    public static void ExpectStruct(ThriftType type)
    {
        if (type != ThriftType.Struct)
            throw new ParquetException($"A Thrift field has type {type} instead of {ThriftType.Struct}.");
    }

    private static RowGroupMetadata ReadRowGroup(ref ThriftCompactReader thrift)
    {
        var group = new RowGroupMetadata();
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1:
                    for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                        group.Columns.Add(ReadColumnChunk(ref thrift));
                    break;
                case 2: group.UncompressedBytes = thrift.ReadI64(type); break;
                case 3: group.RowCount = thrift.ReadI64(type); break;
                case 5: group.FileOffset = thrift.ReadI64(type); break;
                case 6: group.CompressedBytes = thrift.ReadI64(type); break;
                default: thrift.Skip(type); break;
            }
        }
        if (group.Columns.Count == 0)
            throw new ParquetException("A row group without columns.");
        return group;
    }

    private static ColumnChunkMetadata ReadColumnChunk(ref ThriftCompactReader thrift)
    {
        var chunk = new ColumnChunkMetadata();
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: chunk.FilePath = thrift.ReadString(type); break;
                case 3:
                    ExpectStruct(type);
                    ReadChunkMetadata(ref thrift, chunk);
                    break;
                case 4: chunk.OffsetIndexOffset = thrift.ReadI64(type); break;
                case 5: chunk.OffsetIndexBytes = thrift.ReadI32(type); break;
                case 6: chunk.ColumnIndexOffset = thrift.ReadI64(type); break;
                case 7: chunk.ColumnIndexBytes = thrift.ReadI32(type); break;
                default: thrift.Skip(type); break;
            }
        }
        if (chunk.Path.Count == 0 || chunk.DataPageOffset == 0)
            throw new ParquetException("A column chunk without metadata.");
        return chunk;
    }

    private static void ReadChunkMetadata(ref ThriftCompactReader thrift, ColumnChunkMetadata chunk)
    {
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: chunk.Type = (PhysicalType)thrift.ReadI32(type); break;
                case 2:
                    for (int n = thrift.ReadListHead(type, out ThriftType element); n > 0; n--)
                        chunk.Encodings.Add((PageEncoding)thrift.ReadI32(element));
                    break;
                case 3:
                    for (int n = thrift.ReadListHead(type, out ThriftType element); n > 0; n--)
                        chunk.Path.Add(thrift.ReadString(element));
                    break;
                case 4: chunk.Codec = (FileCodec)thrift.ReadI32(type); break;
                case 5: chunk.ValueCount = thrift.ReadI64(type); break;
                case 6: chunk.UncompressedBytes = thrift.ReadI64(type); break;
                case 7: chunk.CompressedBytes = thrift.ReadI64(type); break;
                case 9: chunk.DataPageOffset = thrift.ReadI64(type); break;
                case 11: chunk.DictionaryPageOffset = thrift.ReadI64(type); break;
                case 12: chunk.Statistics = ReadStatistics(ref thrift, type); break;
                case 13:
                    for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                        chunk.EncodingCounts.Add(ReadEncodingCount(ref thrift));
                    break;
                default: thrift.Skip(type); break;
            }
        }
    }

    private static PageEncodingCount ReadEncodingCount(ref ThriftCompactReader thrift)
    {
        var count = new PageEncodingCount();
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: count = count with { Type = (PageType)thrift.ReadI32(type) }; break;
                case 2: count = count with { Encoding = (PageEncoding)thrift.ReadI32(type) }; break;
                case 3: count = count with { Pages = thrift.ReadI32(type) }; break;
                default: thrift.Skip(type); break;
            }
        }
        return count;
    }

    private static KeyValuePair<string, string> ReadKeyValue(ref ThriftCompactReader thrift)
    {
        string key = "", value = "";
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: key = thrift.ReadString(type); break;
                case 2: value = thrift.ReadString(type); break;
                default: thrift.Skip(type); break;
            }
        }
        return new KeyValuePair<string, string>(key, value);
    }

    // ColumnOrder is a union; its only member so far, 1, is TYPE_ORDER.
    private static bool ReadColumnOrder(ref ThriftCompactReader thrift)
    {
        bool typeOrder = false;
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            typeOrder |= id == 1;
            thrift.Skip(type);
        }
        return typeOrder;
    }
}
