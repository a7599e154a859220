using System.Text.Unicode;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Compares what a file says about a column chunk (footer, page headers, page index) with the values that were decoded.
/// Whoever skips pages or row groups by those sayings would else miss rows without noticing.</summary>
internal sealed class ChunkVerification(
    ColumnChunkMetadata chunk, LeafColumn leaf, bool hasTypeOrder, List<PageRead> pages, ColumnValues values)
{
    /// <summary>Checks everything.</summary>
    /// <param name="places">The offset index, null where the file has none.</param>
    /// <param name="bounds">The column index, null where the file has none.</param>
    /// <returns>The chunk's data pages.</returns>
    /// <exception cref="ParquetException">Something is not so; the message says what, and of which page.</exception>
    public int Check(List<PageLocation>? places, ColumnIndex? bounds)
    {
        CheckSizes();
        CheckEncodingCounts();
        CheckText();
        CheckStatistics("The footer", chunk.Statistics, ValueBounds.Of(values, 0, values.Count));
        int data = 0;
        var actual = new List<ColumnStatistics>();
        for (int i = 0; i < pages.Count; i++)
        {
            PageRead page = pages[i];
            if (!page.IsData)
                continue;
            ColumnStatistics found = ValueBounds.Of(values, page.FirstRow, page.Header.ValueCount);
            actual.Add(found);
            try
            {
                CheckStatistics("The page header", page.Header.Statistics, found);
                CheckPlace(page, data, places);
                if (bounds is not null)
                    CheckPageBounds(bounds, data, found);
            }
            catch (ParquetException e)
            {
                throw e.At(page: i);
            }
            data++;
        }
        if (places is not null && places.Count != data)
            throw new ParquetException($"The offset index lists {places.Count} data pages, the chunk has {data}.");
        if (bounds is not null)
            CheckOrder(bounds);
        return data;
    }

    private void CheckSizes()
    {
        long compressed = 0, uncompressed = 0;
        foreach (PageRead page in pages)
        {
            compressed += page.Bytes;
            uncompressed += page.Bytes - page.Header.CompressedBytes + page.Header.UncompressedBytes;
        }
        // A chunk without rows may have an empty page or none.
        if (values.Count == 0)
            return;
        if (compressed != chunk.CompressedBytes)
            throw new ParquetException($"The footer gives the chunk {chunk.CompressedBytes} bytes, its pages take {compressed}.");
        if (uncompressed != chunk.UncompressedBytes)
        {
            throw new ParquetException($"The footer gives the chunk {chunk.UncompressedBytes} bytes without compression, its pages take "
                + $"{uncompressed}.");
        }
    }

    private void CheckEncodingCounts()
    {
        foreach (PageEncodingCount count in chunk.EncodingCounts)
        {
            int found = pages.Count(page => page.Header.Type == count.Type && page.Header.Encoding == count.Encoding);
            if (found != count.Pages && values.Count > 0)
            {
                throw new ParquetException($"The footer counts {count.Pages} {count.Type} pages of encoding "
                    + $"{FormatNames.Of(count.Encoding)}, the chunk has {found}.");
            }
        }
    }

    private void CheckText()
    {
        if (values.Type != ParquetType.String)
            return;
        for (int row = 0; row < values.Count; row++)
        {
            if (!Utf8.IsValid(values.GetBytes(row)))
                throw new ParquetException($"Row {row} is text and not valid UTF-8.").At(page: PageOf(row));
        }
    }

    private int PageOf(int row) => pages.FindLastIndex(page => page.IsData && page.FirstRow <= row);

    private void CheckStatistics(string who, Statistics? statistics, ColumnStatistics actual)
    {
        if (statistics is null)
            return;
        ColumnStatistics claimed = BoundsReader.Read(statistics, leaf, hasTypeOrder, actual.RowCount);
        if (claimed.NullCount is long nulls && nulls != actual.NullCount)
            throw new ParquetException($"{who} counts {nulls} nulls, there are {actual.NullCount}.");
        if (!claimed.HasBounds)
            return;
        if (!actual.HasBounds)
        {
            // Values that are all NaN have no bounds; nothing at all may not have any.
            if (actual.NullCount == actual.RowCount && actual.RowCount > 0)
                throw new ParquetException($"{who} has bounds where there are no values.");
            return;
        }
        (bool below, bool above) = Outside(claimed, actual);
        if (below || above)
            throw new ParquetException($"{who}'s {(below ? "lower" : "upper")} bound does not hold: a value lies outside.");
        (bool minIsMet, bool maxIsMet) = Outside(actual, claimed) is var (low, high) ? (!low, !high) : default;
        if ((statistics.IsMinExact == true && !minIsMet) || (statistics.IsMaxExact == true && !maxIsMet))
            throw new ParquetException($"{who} calls a bound exact that no value meets.");
    }

    // Whether the inner bounds reach below or above the outer ones.
    private static (bool Below, bool Above) Outside(ColumnStatistics outer, ColumnStatistics inner) =>
        ColumnStorage.KindOf(outer.Type) switch
        {
            StorageKind.Bytes => (inner.MinBytes.Span.SequenceCompareTo(outer.MinBytes.Span) < 0,
                inner.MaxBytes.Span.SequenceCompareTo(outer.MaxBytes.Span) > 0),
            StorageKind.Float or StorageKind.Double => (inner.MinDouble < outer.MinDouble, inner.MaxDouble > outer.MaxDouble),
            _ => (inner.MinInt64 < outer.MinInt64, inner.MaxInt64 > outer.MaxInt64),
        };

    private void CheckPlace(PageRead page, int number, List<PageLocation>? places)
    {
        if (places is null || number >= places.Count)
            return;
        var found = new PageLocation(PageIndex.StartOf(chunk) + page.Position, page.Bytes, page.FirstRow);
        if (places[number] != found)
        {
            throw new ParquetException($"The offset index places the page at byte {places[number].Offset}, {places[number].Bytes} bytes, "
                + $"first row {places[number].FirstRow}; it is at byte {found.Offset}, {found.Bytes} bytes, first row {found.FirstRow}.");
        }
    }

    private void CheckPageBounds(ColumnIndex bounds, int number, ColumnStatistics actual)
    {
        if (number >= bounds.NullPages.Count)
            return;
        bool isNull = actual.NullCount == actual.RowCount;
        if (bounds.NullPages[number] != isNull)
            throw new ParquetException($"The column index says that the page has {(isNull ? "values" : "none")}; it is the other way.");
        CheckStatistics("The column index", PageIndex.StatisticsOf(bounds, number), actual);
    }

    private void CheckOrder(ColumnIndex bounds)
    {
        if (bounds.Order == BoundaryOrder.Unordered)
            return;
        ColumnStatistics? earlier = null;
        for (int i = 0; i < bounds.NullPages.Count; i++)
        {
            ColumnStatistics page = BoundsReader.Read(PageIndex.StatisticsOf(bounds, i), leaf, hasTypeOrder, 1);
            if (!page.HasBounds)
                continue;
            if (earlier is not null)
            {
                // Rising pages: neither bound lies under the one before. Falling ones the other way round.
                (bool minFell, bool maxRose) = Outside(earlier, page);
                (bool minRose, bool maxFell) = Outside(page, earlier);
                if (bounds.Order == BoundaryOrder.Ascending ? minFell || maxFell : minRose || maxRose)
                    throw new ParquetException($"The column index calls its bounds {bounds.Order}; those of data page {i} are not.");
            }
            earlier = page;
        }
    }
}
