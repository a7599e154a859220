using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>
/// The leaves that the rows of one block have reached when they were scored, so that reasons of some of them need not look
/// for them again: <see cref="CompiledForest.LeafNumber"/>, tree by tree, 64 rows each.
/// </summary>
internal sealed class FoundLeaves(CompiledForest forest)
{
    private readonly int[] _leaves = new int[forest.Member.Trees.Count * RowCoder.BlockRows];

    /// <summary>Leaf of one row in every tree: the first entry and every <see cref="RowCoder.BlockRows"/>th after it.</summary>
    /// <param name="row">0 to rows of the block - 1.</param>
    public ReadOnlySpan<int> Of(int row) => _leaves.AsSpan(row);

    /// <summary>Notes what <see cref="BlockForest"/> has found in one tree.</summary>
    /// <param name="tree">0 to trees - 1.</param>
    /// <param name="leaves">Of each row, within its page.</param>
    /// <param name="pages">Of each row; empty where the tree has but one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Keep(int tree, ReadOnlySpan<byte> leaves, ReadOnlySpan<byte> pages)
    {
        var kept = _leaves.AsSpan(tree * RowCoder.BlockRows, leaves.Length);
        var first = forest.FirstLeaf[tree];
        for (var row = 0; row < kept.Length; row++)
            kept[row] = first + leaves[row];
        if (pages.IsEmpty)
            return;
        for (var row = 0; row < kept.Length; row++)
            kept[row] += pages[row] * BlockScratch.PageLeaves;
    }

    /// <summary>Notes the leaves of all rows in one tree.</summary>
    /// <param name="tree">0 to trees - 1.</param>
    /// <param name="nodes">Of each row, the packed node within the tree.</param>
    public void KeepRows(int tree, ReadOnlySpan<int> nodes)
    {
        var kept = _leaves.AsSpan(tree * RowCoder.BlockRows, nodes.Length);
        for (var row = 0; row < kept.Length; row++)
            kept[row] = forest.LeafNumber[forest.TreeStart[tree] + nodes[row]];
    }

    /// <summary>Notes the leaves of one row in all trees.</summary>
    /// <param name="row">0 to 63.</param>
    /// <param name="nodes">Of each tree, the packed node over all trees.</param>
    public void KeepTrees(int row, ReadOnlySpan<int> nodes)
    {
        for (var tree = 0; tree < nodes.Length; tree++)
            _leaves[(tree * RowCoder.BlockRows) + row] = forest.LeafNumber[nodes[tree]];
    }
}
