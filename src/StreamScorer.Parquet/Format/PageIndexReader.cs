namespace StreamScorer.Parquet.Format;

/// <summary>The ColumnIndex of a chunk, as it stands in the file.</summary>
/// <param name="NullPages">By page: whether it holds nulls only, so that its bounds say nothing.</param>
/// <param name="Mins">By page: the lower bound.</param>
/// <param name="Maxes">By page: the upper bound.</param>
/// <param name="Order">How the bounds move from page to page.</param>
/// <param name="NullCounts">By page: rows without a value; empty where the file does not say.</param>
internal sealed record ColumnIndex(
    List<bool> NullPages, List<byte[]> Mins, List<byte[]> Maxes, BoundaryOrder Order, List<long> NullCounts);

/// <summary>Reads the page index (https://github.com/apache/parquet-format/blob/master/PageIndex.md) from bytes that may be
/// hostile. Whether what it says is true of the pages is the caller's to check.</summary>
internal static class PageIndexReader
{
    /// <exception cref="ParquetException">The bytes are no ColumnIndex, or its lists differ in length.</exception>
    public static ColumnIndex ReadColumnIndex(ReadOnlySpan<byte> bytes)
    {
        var thrift = new ThriftCompactReader(bytes);
        List<bool> nullPages = [];
        List<byte[]> mins = [], maxes = [];
        List<long> nullCounts = [];
        var order = BoundaryOrder.Unordered;
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1:
                    for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                        nullPages.Add(thrift.ReadBoolElement());
                    break;
                case 2: ReadBounds(ref thrift, type, mins); break;
                case 3: ReadBounds(ref thrift, type, maxes); break;
                case 4: order = (BoundaryOrder)thrift.ReadI32(type); break;
                case 5:
                    for (int n = thrift.ReadListHead(type, out ThriftType element); n > 0; n--)
                        nullCounts.Add(thrift.ReadI64(element));
                    break;
                default: thrift.Skip(type); break;
            }
        }
        int pages = nullPages.Count;
        if (mins.Count != pages || maxes.Count != pages || (nullCounts.Count != pages && nullCounts.Count > 0))
        {
            throw new ParquetException($"The column index lists {pages} pages, {mins.Count} lower and {maxes.Count} upper bounds and "
                + $"{nullCounts.Count} null counts.");
        }
        return new ColumnIndex(nullPages, mins, maxes, order, nullCounts);
    }

    /// <exception cref="ParquetException">The bytes are no OffsetIndex.</exception>
    public static List<PageLocation> ReadOffsetIndex(ReadOnlySpan<byte> bytes)
    {
        var thrift = new ThriftCompactReader(bytes);
        List<PageLocation> pages = [];
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            if (id != 1)
            {
                thrift.Skip(type);
                continue;
            }
            for (int n = thrift.ReadListHead(type, out _); n > 0; n--)
                pages.Add(ReadLocation(ref thrift));
        }
        return pages;
    }

    private static void ReadBounds(ref ThriftCompactReader thrift, ThriftType type, List<byte[]> bounds)
    {
        for (int n = thrift.ReadListHead(type, out ThriftType element); n > 0; n--)
            bounds.Add(thrift.ReadBinary(element).ToArray());
    }

    private static PageLocation ReadLocation(ref ThriftCompactReader thrift)
    {
        var page = new PageLocation();
        short id = thrift.BeginStruct();
        while (thrift.NextField(ref id, out ThriftType type))
        {
            switch (id)
            {
                case 1: page = page with { Offset = thrift.ReadI64(type) }; break;
                case 2: page = page with { Bytes = thrift.ReadI32(type) }; break;
                case 3: page = page with { FirstRow = thrift.ReadI64(type) }; break;
                default: thrift.Skip(type); break;
            }
        }
        return page;
    }
}
