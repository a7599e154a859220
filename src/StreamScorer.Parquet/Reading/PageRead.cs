using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>A page that was read and decoded.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Position">Where its header starts, counted from the chunk's first byte.</param>
/// <param name="Bytes">Header and compressed page.</param>
/// <param name="FirstRow">Its first row; of a dictionary page the first row of the page behind it.</param>
/// <param name="NullCount">Rows without a value.</param>
internal readonly record struct PageRead(PageHeader Header, int Position, int Bytes, int FirstRow, int NullCount)
{
    /// <summary>Whether it holds rows.</summary>
    public bool IsData => Header.Type is PageType.Data or PageType.DataV2;
}

/// <summary>Neighbouring data pages of a chunk.</summary>
/// <param name="FirstPageOffset">Where the chunk's first data page starts in the file.</param>
/// <param name="SkippedPages">Data pages of the chunk before the first of these.</param>
/// <param name="Start">Where the first of these starts.</param>
/// <param name="End">Where the last of these ends.</param>
/// <param name="FirstRow">The first page's first row within the row group.</param>
/// <param name="Rows">Rows of these pages.</param>
internal readonly record struct PageSelection(
    long FirstPageOffset, int SkippedPages, long Start, long End, int FirstRow, int Rows)
{
    /// <summary>The pages that hold any of these rows.</summary>
    /// <param name="pages">All data pages of the chunk, at least one.</param>
    /// <param name="groupRows">Rows of the row group.</param>
    /// <param name="firstRow">The first wanted row.</param>
    /// <param name="rows">How many are wanted, at least one.</param>
    public static PageSelection Of(List<PageLocation> pages, int groupRows, int firstRow, int rows)
    {
        int first = pages.FindLastIndex(page => page.FirstRow <= firstRow);
        int last = pages.FindLastIndex(page => page.FirstRow < (long)firstRow + rows);
        long end = last + 1 < pages.Count ? pages[last + 1].FirstRow : groupRows;
        return new PageSelection(pages[0].Offset, first, pages[first].Offset, pages[last].Offset + pages[last].Bytes,
            (int)pages[first].FirstRow, (int)(end - pages[first].FirstRow));
    }
}
