namespace StreamScorer.Forests;

/// <summary>
/// Trees in a form that finds the leaves of a whole block of 64 rows at once, whatever the number of rows in it.
/// </summary>
internal interface IBlockForest
{
    /// <summary>The leaf's output, by <see cref="CompiledForest.FirstLeaf"/> of the tree plus what the leaf is called here.</summary>
    double[] Output { get; }

    /// <summary><see cref="CompiledForest.LeafNumber"/>, by the same index; null where the two are the same.</summary>
    int[]? LeafNumber { get; }

    /// <summary>The leaf, counted from the tree's first, that each of the 64 rows of a block reaches in one tree.</summary>
    /// <param name="tree">0 to trees - 1.</param>
    /// <param name="codes">A block of codes.</param>
    /// <param name="scratch">Of this thread.</param>
    /// <param name="leaves">Gets 64 of them.</param>
    void FindLeaves(int tree, AlignedBytes codes, BlockScratch scratch, Span<ushort> leaves);
}
