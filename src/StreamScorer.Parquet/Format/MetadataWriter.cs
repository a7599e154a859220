namespace StreamScorer.Parquet.Format;

/// <summary>Writes footers and page headers. Field ids are those of parquet.thrift.</summary>
internal sealed class MetadataWriter(ByteBuffer output)
{
    private readonly ThriftCompactWriter _thrift = new(output);

    public void WriteFooter(FileMetadata file)
    {
        _thrift.BeginStruct();
        // Version 1: V1 data pages. Several readers refuse to push filters down into files of other versions.
        _thrift.I32Field(1, 1);
        _thrift.BeginListField(2, ThriftType.Struct, file.Schema.Count);
        foreach (SchemaElement element in file.Schema)
            WriteSchemaElement(element);
        _thrift.I64Field(3, file.RowCount);
        _thrift.BeginListField(4, ThriftType.Struct, file.RowGroups.Count);
        for (int i = 0; i < file.RowGroups.Count; i++)
            WriteRowGroup(file.RowGroups[i], i);
        if (file.KeyValues.Count > 0)
            WriteKeyValues(file.KeyValues);
        if (file.CreatedBy is not null)
            _thrift.StringField(6, file.CreatedBy);
        WriteColumnOrders(file.HasTypeOrder.Count);
        _thrift.EndStruct();
    }

    public void WriteDataPageHeader(PageHeader header)
    {
        BeginPageHeader(header);
        _thrift.BeginStructField(5);
        _thrift.I32Field(1, header.ValueCount);
        _thrift.I32Field(2, (int)header.Encoding);
        _thrift.I32Field(3, (int)PageEncoding.Rle);
        _thrift.I32Field(4, (int)PageEncoding.Rle);
        if (header.Statistics is not null)
            WriteStatistics(5, header.Statistics);
        _thrift.EndStruct();
        _thrift.EndStruct();
    }

    public void WriteDictionaryPageHeader(PageHeader header)
    {
        BeginPageHeader(header);
        _thrift.BeginStructField(7);
        _thrift.I32Field(1, header.ValueCount);
        _thrift.I32Field(2, (int)PageEncoding.Plain);
        _thrift.EndStruct();
        _thrift.EndStruct();
    }

    private void BeginPageHeader(PageHeader header)
    {
        _thrift.BeginStruct();
        _thrift.I32Field(1, (int)header.Type);
        _thrift.I32Field(2, header.UncompressedBytes);
        _thrift.I32Field(3, header.CompressedBytes);
        if (header.Crc is int crc)
            _thrift.I32Field(4, crc);
    }

    private void WriteSchemaElement(SchemaElement element)
    {
        _thrift.BeginStruct();
        if (element.Type is PhysicalType type)
            _thrift.I32Field(1, (int)type);
        if (element.TypeLength > 0)
            _thrift.I32Field(2, element.TypeLength);
        if (element.Repetition is Repetition repetition)
            _thrift.I32Field(3, (int)repetition);
        _thrift.StringField(4, element.Name);
        if (element.Type is null)
            _thrift.I32Field(5, element.ChildCount);
        if (element.Converted is ConvertedType converted)
            _thrift.I32Field(6, (int)converted);
        if (element.Converted == ConvertedType.Decimal)
        {
            _thrift.I32Field(7, element.Scale);
            _thrift.I32Field(8, element.Precision);
        }
        if (element.Logical.Kind != LogicalKind.None)
            WriteLogicalType(element.Logical);
        _thrift.EndStruct();
    }

    private void WriteLogicalType(LogicalType logical)
    {
        _thrift.BeginStructField(10);
        _thrift.BeginStructField((short)logical.Kind);
        switch (logical.Kind)
        {
            case LogicalKind.Decimal:
                _thrift.I32Field(1, logical.Scale);
                _thrift.I32Field(2, logical.Precision);
                break;
            case LogicalKind.Timestamp:
                _thrift.BoolField(1, logical.IsAdjustedToUtc);
                _thrift.BeginStructField(2);
                _thrift.EmptyStructField((short)logical.Unit);
                _thrift.EndStruct();
                break;
            case LogicalKind.Integer:
                _thrift.ByteField(1, (sbyte)logical.BitWidth);
                _thrift.BoolField(2, logical.IsSigned);
                break;
        }
        _thrift.EndStruct();
        _thrift.EndStruct();
    }

    private void WriteRowGroup(RowGroupMetadata group, int ordinal)
    {
        _thrift.BeginStruct();
        _thrift.BeginListField(1, ThriftType.Struct, group.Columns.Count);
        foreach (ColumnChunkMetadata chunk in group.Columns)
            WriteColumnChunk(chunk);
        _thrift.I64Field(2, group.UncompressedBytes);
        _thrift.I64Field(3, group.RowCount);
        _thrift.I64Field(5, group.FileOffset);
        _thrift.I64Field(6, group.CompressedBytes);
        // The ordinal is a 16-bit field; a file of more row groups simply goes without.
        if (ordinal <= short.MaxValue)
            _thrift.I16Field(7, (short)ordinal);
        _thrift.EndStruct();
    }

    private void WriteColumnChunk(ColumnChunkMetadata chunk)
    {
        _thrift.BeginStruct();
        // 0 is what the format now asks for: the metadata stands in the footer only.
        _thrift.I64Field(2, 0);
        _thrift.BeginStructField(3);
        WriteChunkMetadata(chunk);
        _thrift.EndStruct();
        if (chunk.OffsetIndexOffset is long offsetIndex)
        {
            _thrift.I64Field(4, offsetIndex);
            _thrift.I32Field(5, chunk.OffsetIndexBytes);
        }
        if (chunk.ColumnIndexOffset is long columnIndex)
        {
            _thrift.I64Field(6, columnIndex);
            _thrift.I32Field(7, chunk.ColumnIndexBytes);
        }
        _thrift.EndStruct();
    }

    private void WriteChunkMetadata(ColumnChunkMetadata chunk)
    {
        _thrift.I32Field(1, (int)chunk.Type);
        _thrift.BeginListField(2, ThriftType.I32, chunk.Encodings.Count);
        foreach (PageEncoding encoding in chunk.Encodings)
            _thrift.I32((int)encoding);
        _thrift.BeginListField(3, ThriftType.Binary, chunk.Path.Count);
        foreach (string part in chunk.Path)
            _thrift.String(part);
        _thrift.I32Field(4, (int)chunk.Codec);
        _thrift.I64Field(5, chunk.ValueCount);
        _thrift.I64Field(6, chunk.UncompressedBytes);
        _thrift.I64Field(7, chunk.CompressedBytes);
        _thrift.I64Field(9, chunk.DataPageOffset);
        if (chunk.DictionaryPageOffset is long dictionary)
            _thrift.I64Field(11, dictionary);
        if (chunk.Statistics is not null)
            WriteStatistics(12, chunk.Statistics);
        _thrift.BeginListField(13, ThriftType.Struct, chunk.EncodingCounts.Count);
        foreach (PageEncodingCount count in chunk.EncodingCounts)
        {
            _thrift.BeginStruct();
            _thrift.I32Field(1, (int)count.Type);
            _thrift.I32Field(2, (int)count.Encoding);
            _thrift.I32Field(3, count.Pages);
            _thrift.EndStruct();
        }
    }

    private void WriteStatistics(short field, Statistics statistics)
    {
        _thrift.BeginStructField(field);
        if (statistics.NullCount is long nulls)
            _thrift.I64Field(3, nulls);
        if (statistics.Max is not null)
            _thrift.BinaryField(5, statistics.Max);
        if (statistics.Min is not null)
            _thrift.BinaryField(6, statistics.Min);
        if (statistics is { Max: not null, IsMaxExact: bool maxExact })
            _thrift.BoolField(7, maxExact);
        if (statistics is { Min: not null, IsMinExact: bool minExact })
            _thrift.BoolField(8, minExact);
        _thrift.EndStruct();
    }

    private void WriteKeyValues(List<KeyValuePair<string, string>> pairs)
    {
        _thrift.BeginListField(5, ThriftType.Struct, pairs.Count);
        foreach ((string key, string value) in pairs)
        {
            _thrift.BeginStruct();
            _thrift.StringField(1, key);
            _thrift.StringField(2, value);
            _thrift.EndStruct();
        }
    }

    // Without column_orders a reader must not trust min_value and max_value.
    private void WriteColumnOrders(int columns)
    {
        _thrift.BeginListField(7, ThriftType.Struct, columns);
        for (int i = 0; i < columns; i++)
        {
            _thrift.BeginStruct();
            _thrift.EmptyStructField(1);
            _thrift.EndStruct();
        }
    }
}
