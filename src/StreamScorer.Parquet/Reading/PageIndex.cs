using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Reads the page index of a chunk and checks that it can be one: its pages lie within the chunk, one after the other,
/// and share the row group's rows out among them.</summary>
internal sealed class PageIndex(FileInput input, ParquetReaderOptions options)
{
    /// <summary>The places of a chunk's data pages, in row order; null where the file has no offset index for the chunk.</summary>
    /// <exception cref="ParquetException">The index lies outside the file, is damaged, or contradicts the footer.</exception>
    public List<PageLocation>? ReadLocations(ColumnChunkMetadata chunk, long rows)
    {
        if (chunk.OffsetIndexOffset is not long offset)
            return null;
        List<PageLocation> pages = PageIndexReader.ReadOffsetIndex(ReadBytes("offset index", offset, chunk.OffsetIndexBytes));
        long at = chunk.DataPageOffset;
        // A dictionary's place may be missing, or the data page's place may be the dictionary's: so only the end is sure.
        long end = StartOf(chunk) + chunk.CompressedBytes;
        long row = 0;
        for (int i = 0; i < pages.Count; i++)
        {
            PageLocation page = pages[i];
            bool startsWell = page.Offset >= at && (i == 0 ? page.FirstRow == 0 : page.FirstRow > row) && page.FirstRow < rows;
            if (!startsWell || page.Bytes <= 0 || page.Offset > end - page.Bytes)
            {
                throw new ParquetException($"The offset index places data page {i} at byte {page.Offset}, {page.Bytes} bytes, first row "
                    + $"{page.FirstRow}, which cannot be in a chunk that ends at byte {end} with {rows} rows.");
            }
            at = page.Offset + page.Bytes;
            row = page.FirstRow;
        }
        if (pages.Count == 0 && rows > 0)
            throw new ParquetException($"The offset index has no pages for {rows} rows.");
        return pages;
    }

    /// <summary>The bounds of a chunk's data pages; null where the file has none.</summary>
    /// <exception cref="ParquetException">The index lies outside the file, is damaged, or has another number of pages.</exception>
    public ColumnIndex? ReadBounds(ColumnChunkMetadata chunk, int pages)
    {
        if (chunk.ColumnIndexOffset is not long offset)
            return null;
        ColumnIndex index = PageIndexReader.ReadColumnIndex(ReadBytes("column index", offset, chunk.ColumnIndexBytes));
        if (index.NullPages.Count != pages)
            throw new ParquetException($"The column index has {index.NullPages.Count} pages, the offset index {pages}.");
        return index;
    }

    /// <summary>Where a chunk's first page stands. Some writers leave the dictionary's place out or 0, and some let the data page's
    /// place point to the dictionary.</summary>
    public static long StartOf(ColumnChunkMetadata chunk) => chunk.DictionaryPageOffset is long dictionary and > 0
        ? Math.Min(dictionary, chunk.DataPageOffset)
        : chunk.DataPageOffset;

    /// <summary>The statistics of a page, as the column index has them.</summary>
    /// <param name="index">The index; null where there is none.</param>
    /// <param name="page">The page's number among the data pages.</param>
    public static Statistics? StatisticsOf(ColumnIndex? index, int page)
    {
        if (index is null)
            return null;
        bool isNull = index.NullPages[page];
        return new Statistics
        {
            Min = isNull ? null : index.Mins[page],
            Max = isNull ? null : index.Maxes[page],
            NullCount = index.NullCounts.Count > 0 ? index.NullCounts[page] : null,
        };
    }

    private byte[] ReadBytes(string what, long offset, int length)
    {
        if (offset < 4 || length <= 0 || length > options.MaxFooterBytes || offset > input.FooterStart - length)
        {
            throw new ParquetException($"The {what}'s {length} bytes from {offset} on do not lie between the file's first 4 bytes and "
                + $"its footer at {input.FooterStart}, or are more than the {options.MaxFooterBytes} allowed.");
        }
        var bytes = new byte[length];
        input.Read(offset, bytes);
        return bytes;
    }
}
