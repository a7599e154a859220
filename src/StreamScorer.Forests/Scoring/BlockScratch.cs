namespace StreamScorer.Forests;

/// <summary>
/// Leaf numbers of 64 rows in slots of 64 bytes: first one slot for every leaf of a page, which holds its number 64 times,
/// then one for every split of the tree at work, then one for the rows' pages.
/// </summary>
internal sealed class BlockScratch
{
    /// <summary>Leaves that a byte can number.</summary>
    public const int PageLeaves = 256;

    /// <summary>Leaves of the largest tree.</summary>
    public const int MostLeaves = 2 * PageLeaves;

    private readonly AlignedBytes _slots = new((PageLeaves + MostLeaves) * RowCoder.BlockRows);

    public BlockScratch()
    {
        for (var leaf = 0; leaf < PageLeaves; leaf++)
            _slots.Span.Slice(leaf * RowCoder.BlockRows, RowCoder.BlockRows).Fill((byte)leaf);
    }

    /// <summary>Bytes before the slot of a tree's first split.</summary>
    public static int FirstSplit => PageLeaves * RowCoder.BlockRows;

    public unsafe byte* Pointer => _slots.Pointer;

    /// <summary>64 bytes for the leaves found where no splits have slots.</summary>
    public unsafe byte* Found => Pointer + FirstSplit;

    /// <summary>A tree has a split less than leaves, which leaves the last slot free.</summary>
    public unsafe byte* Pages => _slots.Pointer + _slots.Length - RowCoder.BlockRows;
}
