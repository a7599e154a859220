using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>Collects the page index of one chunk: places, bounds and null counts of its data pages.</summary>
internal sealed class ChunkPageIndex
{
    private readonly List<PageLocation> _locations = [];
    private readonly List<Statistics> _pages = [];
    private bool _rises = true;
    private bool _falls = true;
    private bool _boundsAreWhole = true;

    /// <summary>Nulls of all pages.</summary>
    public long NullCount { get; private set; }

    /// <summary>Adds the next page.</summary>
    public void Add(PageLocation location, Statistics statistics, int rows, BoundsStep step)
    {
        _locations.Add(location);
        _pages.Add(statistics);
        long nulls = statistics.NullCount ?? 0;
        NullCount += nulls;
        _rises &= step.Rises;
        _falls &= step.Falls;
        // A ColumnIndex cannot say "no bounds" of a page with values (NaN among them, or a maximum beyond truncation).
        _boundsAreWhole &= statistics is { Min: not null, Max: not null } || nulls == rows;
    }

    /// <summary>The same index with places counted from the file's start instead of the first data page's.</summary>
    public ChunkPageIndex MovedTo(long firstDataPage)
    {
        for (int i = 0; i < _locations.Count; i++)
            _locations[i] = _locations[i] with { Offset = _locations[i].Offset + firstDataPage };
        return this;
    }

    /// <summary>Appends the ColumnIndex; nothing where some page's bounds are unknown.</summary>
    public void AppendColumnIndex(ByteBuffer output)
    {
        if (!_boundsAreWhole)
            return;
        BoundaryOrder order = _rises ? BoundaryOrder.Ascending : _falls ? BoundaryOrder.Descending : BoundaryOrder.Unordered;
        PageIndexWriter.WriteColumnIndex(output, _pages, order);
    }

    /// <summary>Appends the OffsetIndex.</summary>
    public void AppendOffsetIndex(ByteBuffer output) => PageIndexWriter.WriteOffsetIndex(output, _locations);
}
