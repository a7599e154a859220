using System.Buffers.Binary;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Tests.Parquet;

/// <summary>Builds files page by page, in forms that our writer never uses but others do, and in forms that nobody should.</summary>
internal sealed class HandMadeFile
{
    private readonly ByteBuffer _bytes = new();
    private readonly FileMetadata _footer = new() { CreatedBy = "somebody version 1.0 (build x)" };
    private readonly RowGroupMetadata _group = new();

    public HandMadeFile(long rows, params SchemaElement[] columns)
    {
        _bytes.Append("PAR1"u8);
        _footer.Schema.Add(new SchemaElement { Name = "root", ChildCount = columns.Count(c => c.Repetition is not null) });
        _footer.Schema.AddRange(columns);
        _footer.RowCount = rows;
        _footer.RowGroups.Add(_group);
        _group.RowCount = rows;
        _group.FileOffset = 4;
    }

    /// <summary>The footer, to be changed before <see cref="ToBytes"/>.</summary>
    public FileMetadata Footer => _footer;

    /// <summary>A leaf of the schema.</summary>
    public static SchemaElement Leaf(string name, PhysicalType type, bool nullable = false) => new()
    {
        Name = name,
        Type = type,
        Repetition = nullable ? Repetition.Optional : Repetition.Required,
    };

    /// <summary>Starts the next column chunk; pages that are added belong to it.</summary>
    public ColumnChunkMetadata AddChunk(PhysicalType type, FileCodec codec = FileCodec.Uncompressed)
    {
        var chunk = new ColumnChunkMetadata
        {
            Type = type,
            Codec = codec,
            ValueCount = _group.RowCount,
            DataPageOffset = _bytes.Length,
        };
        chunk.Path.Add($"c{_group.Columns.Count}");
        _group.Columns.Add(chunk);
        return chunk;
    }

    /// <summary>Adds a page of uncompressed bytes.</summary>
    public HandMadeFile AddPage(PageHeader header, ReadOnlySpan<byte> body)
    {
        int start = _bytes.Length;
        header.CompressedBytes = body.Length;
        if (header.UncompressedBytes == 0)
            header.UncompressedBytes = body.Length;
        if (header.Type == PageType.DataV2)
            WriteHeaderV2(header);
        else if (header.Type == PageType.Dictionary)
            new MetadataWriter(_bytes).WriteDictionaryPageHeader(header);
        else
            new MetadataWriter(_bytes).WriteDataPageHeader(header);
        _bytes.Append(body);
        ColumnChunkMetadata chunk = _group.Columns[^1];
        chunk.CompressedBytes += _bytes.Length - start;
        chunk.UncompressedBytes = chunk.CompressedBytes;
        return this;
    }

    /// <summary>Adds a V1 data page of a required column.</summary>
    public HandMadeFile AddValues(PageEncoding encoding, int count, ReadOnlySpan<byte> body) =>
        AddPage(new PageHeader { Type = PageType.Data, ValueCount = count, Encoding = encoding }, body);

    /// <summary>Adds a column index for the last chunk.</summary>
    public void AddColumnIndex(List<Statistics> pages, BoundaryOrder order)
    {
        ColumnChunkMetadata chunk = _group.Columns[^1];
        chunk.ColumnIndexOffset = _bytes.Length;
        PageIndexWriter.WriteColumnIndex(_bytes, pages, order);
        chunk.ColumnIndexBytes = _bytes.Length - (int)chunk.ColumnIndexOffset;
    }

    /// <summary>Adds an offset index for the last chunk.</summary>
    public void AddOffsetIndex(List<PageLocation> pages)
    {
        ColumnChunkMetadata chunk = _group.Columns[^1];
        chunk.OffsetIndexOffset = _bytes.Length;
        PageIndexWriter.WriteOffsetIndex(_bytes, pages);
        chunk.OffsetIndexBytes = _bytes.Length - (int)chunk.OffsetIndexOffset;
    }

    public byte[] ToBytes()
    {
        int start = _bytes.Length;
        new MetadataWriter(_bytes).WriteFooter(_footer);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, _bytes.Length - start);
        _bytes.Append(length);
        _bytes.Append("PAR1"u8);
        return _bytes.Written.ToArray();
    }

    /// <summary>Writes the file and opens it.</summary>
    public ParquetFileReader Open(TemporaryFolder folder, ParquetReaderOptions? options = null)
    {
        File.WriteAllBytes(folder["hand-made.parquet"], ToBytes());
        return ParquetFileReader.Open(folder["hand-made.parquet"], options);
    }

    private void WriteHeaderV2(PageHeader header)
    {
        var thrift = new ThriftCompactWriter(_bytes);
        thrift.BeginStruct();
        thrift.I32Field(1, (int)header.Type);
        thrift.I32Field(2, header.UncompressedBytes);
        thrift.I32Field(3, header.CompressedBytes);
        thrift.BeginStructField(8);
        thrift.I32Field(1, header.ValueCount);
        thrift.I32Field(2, header.NullCount);
        thrift.I32Field(3, header.ValueCount);
        thrift.I32Field(4, (int)header.Encoding);
        thrift.I32Field(5, header.DefinitionLevelBytes);
        thrift.I32Field(6, header.RepetitionLevelBytes);
        if (!header.IsCompressed)
            thrift.BoolField(7, false);
        thrift.EndStruct();
        thrift.EndStruct();
    }
}
