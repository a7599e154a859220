namespace StreamScorer.Forests;

/// <summary>
/// Trees in a form that finds the leaves of a whole block of 64 rows at once, whatever the number of rows in it. A leaf has a
/// number of one byte within its page; a tree of more leaves than a byte can number has two pages.
/// </summary>
internal interface IBlockForest
{
    /// <summary>
    /// The leaf's output, by <see cref="CompiledForest.FirstLeaf"/> of the tree, plus <see cref="SecondPage"/> for a leaf of
    /// the second page, plus the number within the page.
    /// </summary>
    double[] Output { get; }

    /// <summary><see cref="CompiledForest.LeafNumber"/>, by the same index; null where the two are the same.</summary>
    int[]? LeafNumber { get; }

    /// <summary>Leaves of each tree's first page, which is as many as come before its second.</summary>
    int[] SecondPage { get; }

    /// <summary>The number, within its page, of the leaf that each of the 64 rows of a block reaches in one tree.</summary>
    /// <param name="tree">0 to trees - 1.</param>
    /// <param name="codes">A block of codes.</param>
    /// <param name="scratch">Of this thread; the spans are valid until its next use.</param>
    /// <param name="pages">The leaf's page, 0 or 1, of each row; empty where the tree has but one.</param>
    ReadOnlySpan<byte> FindLeaves(int tree, AlignedBytes codes, BlockScratch scratch, out ReadOnlySpan<byte> pages);
}
