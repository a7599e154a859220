namespace StreamScorer.Parquet.Format;

/// <summary>Writes the page index: which rows and values each page of a chunk holds, and where it stands
/// (https://github.com/apache/parquet-format/blob/master/PageIndex.md).</summary>
internal static class PageIndexWriter
{
    /// <summary>Writes a ColumnIndex.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="pages">Statistics by page; a page without bounds must hold nulls only.</param>
    /// <param name="order">How the bounds move from page to page.</param>
    public static void WriteColumnIndex(ByteBuffer output, IReadOnlyList<Statistics> pages, BoundaryOrder order)
    {
        var thrift = new ThriftCompactWriter(output);
        thrift.BeginStruct();
        thrift.BeginListField(1, ThriftType.True, pages.Count);
        foreach (Statistics page in pages)
            thrift.Bool(page.Min is null);
        thrift.BeginListField(2, ThriftType.Binary, pages.Count);
        foreach (Statistics page in pages)
            thrift.Binary(page.Min ?? []);
        thrift.BeginListField(3, ThriftType.Binary, pages.Count);
        foreach (Statistics page in pages)
            thrift.Binary(page.Max ?? []);
        thrift.I32Field(4, (int)order);
        thrift.BeginListField(5, ThriftType.I64, pages.Count);
        foreach (Statistics page in pages)
            thrift.I64(page.NullCount ?? 0);
        thrift.EndStruct();
    }

    /// <summary>Writes an OffsetIndex.</summary>
    public static void WriteOffsetIndex(ByteBuffer output, IReadOnlyList<PageLocation> pages)
    {
        var thrift = new ThriftCompactWriter(output);
        thrift.BeginStruct();
        thrift.BeginListField(1, ThriftType.Struct, pages.Count);
        foreach (PageLocation page in pages)
        {
            thrift.BeginStruct();
            thrift.I64Field(1, page.Offset);
            thrift.I32Field(2, page.Bytes);
            thrift.I64Field(3, page.FirstRow);
            thrift.EndStruct();
        }
        thrift.EndStruct();
    }
}
