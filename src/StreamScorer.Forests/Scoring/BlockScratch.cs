using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// Leaf numbers of 64 rows in slots of 64 bytes: first one slot for every leaf of a page, which holds its number 64 times,
/// then one for every split of the tree at work.
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

    /// <summary>64 leaves, for whoever does not keep them.</summary>
    public ushort[] Leaves { get; } = new ushort[RowCoder.BlockRows];

    /// <summary>The same for a second block.</summary>
    public ushort[] OtherLeaves { get; } = new ushort[RowCoder.BlockRows];

    /// <summary>Writes the leaves of 64 rows.</summary>
    /// <param name="inPage">Their numbers within their pages.</param>
    /// <param name="behind">All bits set in the rows whose leaf is in the second page.</param>
    /// <param name="secondPage">Leaves of the first page.</param>
    /// <param name="leaves">At least 64 long.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Vector512<byte> inPage, Vector512<byte> behind, int secondPage, Span<ushort> leaves)
    {
        var target = MemoryMarshal.Cast<ushort, Vector512<ushort>>(leaves);
        var page = Vector512.Create((ushort)secondPage);
        target[1] = Vector512.WidenUpper(inPage) + (Vector512.WidenUpper(behind.AsSByte()).AsUInt16() & page);
        target[0] = Vector512.WidenLower(inPage) + (Vector512.WidenLower(behind.AsSByte()).AsUInt16() & page);
    }
}
