using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamScorer.Forests;

/// <summary>
/// Trees in a form that walks one row down 64 of them together, a tree in each lane of four registers: nodes are gathered,
/// and the row's codes, all in one register, are looked up there. Needs AVX-512 VBMI and no more than 64 columns.
/// </summary>
internal sealed class LaneForest
{
    /// <summary>Trees that are walked together; leaves are written for a multiple of it.</summary>
    public const int TreesAtOnce = Registers * Lanes;

    private const int Registers = 4;
    private const int Lanes = 16;

    private readonly NarrowNode[] _nodes;
    private readonly int[] _root;
    private readonly int[] _depth;
    private readonly int _columns;

    private LaneForest(CompiledForest forest, NarrowNode[] nodes)
    {
        _nodes = nodes;
        _columns = forest.Coder.ColumnCount;
        var trees = forest.Member.Trees;
        // Lanes behind the last tree walk the first once more.
        _root = new int[(trees.Count + TreesAtOnce - 1) / TreesAtOnce * TreesAtOnce];
        _depth = new int[_root.Length / TreesAtOnce];
        for (var tree = 0; tree < trees.Count; tree++)
        {
            _root[tree] = forest.TreeStart[tree];
            _depth[tree / TreesAtOnce] = Math.Max(_depth[tree / TreesAtOnce], trees[tree].Depth);
        }
    }

    /// <summary>Null when this processor lacks the instructions or a row's codes do not fit into a register.</summary>
    public static LaneForest? Compile(CompiledForest forest, NarrowNode[] nodes) =>
        Avx512Vbmi.IsSupported && Avx2.IsSupported && forest.Coder.ColumnCount <= Vector512<byte>.Count
            ? new LaneForest(forest, nodes)
            : null;

    /// <summary>
    /// Leaf (over all trees, an index of <see cref="CompiledForest.Output"/>) that one row of a block reaches in every tree.
    /// </summary>
    /// <param name="codes">A block of codes.</param>
    /// <param name="row">0 to 63.</param>
    /// <param name="leaves">At least the number of trees rounded up to <see cref="TreesAtOnce"/> long.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void FindLeaves(AlignedBytes codes, int row, Span<int> leaves)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(leaves.Length, _root.Length);
        var own = stackalloc byte[Vector512<byte>.Count];
        var block = codes.Pointer + row;
        for (var column = 0; column < _columns; column++)
            own[column] = block[column * RowCoder.BlockRows];
        var code = Vector512.Load(own);
        fixed (NarrowNode* nodes = _nodes)
        fixed (int* roots = _root)
        fixed (int* found = leaves)
        {
            for (var first = 0; first < _root.Length; first += TreesAtOnce)
                Walk((int*)nodes, _depth[first / TreesAtOnce], code, roots + first, found + first);
        }
    }

    // Four registers in flight: each gather depends on the last. Shallower trees wait in their leaves for the deepest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Walk(int* nodes, int depth, Vector512<byte> codes, int* roots, int* found)
    {
        var (root0, root1) = (Vector512.Load(roots), Vector512.Load(roots + Lanes));
        var (root2, root3) = (Vector512.Load(roots + (2 * Lanes)), Vector512.Load(roots + (3 * Lanes)));
        var (at0, at1, at2, at3) = (root0, root1, root2, root3);
        for (; depth > 0; depth--)
        {
            at0 = Next(nodes, at0, root0, codes);
            at1 = Next(nodes, at1, root1, codes);
            at2 = Next(nodes, at2, root2, codes);
            at3 = Next(nodes, at3, root3, codes);
        }

        at0.Store(found);
        at1.Store(found + Lanes);
        at2.Store(found + (2 * Lanes));
        at3.Store(found + (3 * Lanes));
    }

    // A node is its left child in 16 bits, its column in 8 and its code in 8: see NarrowNode. "Above" is -1 in its lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<int> Next(int* nodes, Vector512<int> at, Vector512<int> root, Vector512<byte> codes)
    {
        var node = Vector512.Create(
            Avx2.GatherVector256(nodes, at.GetLower(), sizeof(int)), Avx2.GatherVector256(nodes, at.GetUpper(), sizeof(int)));
        var low = Vector512.Create((int)byte.MaxValue);
        var code = Avx512Vbmi.PermuteVar64x8(codes, (node >>> 8).AsByte()).AsInt32() & low;
        var above = Vector512.GreaterThan(code, node & low);
        return root + (node >>> 16) - above;
    }
}
