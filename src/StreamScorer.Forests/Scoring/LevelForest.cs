using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamScorer.Forests;

/// <summary>
/// Trees in a form that walks the 64 rows of a block down together, level by level. Where a row stands in its level is one
/// byte; the code of the split there, its column and the places of its children are looked up for all rows at once, in
/// tables of one or two registers. A level costs the same whether it has one split or 128, so a tree costs its depth and
/// not its splits. Needs a processor that looks up bytes in a register (AVX-512 VBMI).
/// </summary>
internal sealed class LevelForest : IBlockForest
{
    private const int Register = LevelTables.Register;

    private readonly int _columnGroups;
    private readonly AlignedBytes _tables;
    private readonly Level[] _levels;
    private readonly int[] _firstLevel;
    private readonly int[] _secondPageLevel;
    private readonly int[] _secondPage;

    private LevelForest(CompiledForest forest, LevelTables tables)
    {
        _columnGroups = forest.Coder.BlockBytes / (RowCoder.ColumnGroup * RowCoder.BlockRows);
        _tables = tables.ToBytes();
        _levels = [.. tables.Levels];
        _firstLevel = [.. tables.FirstLevel];
        _secondPageLevel = [.. tables.SecondPageLevel];
        _secondPage = [.. tables.SecondPage];
        Output = new double[forest.FirstLeaf[^1]];
        for (var tree = 0; tree < forest.Member.Trees.Count; tree++)
        {
            var (trees, nodes) = (forest.Member.Trees[tree], forest.NodesByLevel(tree));
            for (var i = 0; i < nodes.Count; i++)
            {
                if (trees.Feature[nodes[i]] == DecisionTree.Leaf)
                    Output[forest.LeafNumber[nodes.Offset + i]] = trees.Value[nodes[i]];
            }
        }
    }

    public double[] Output { get; }

    public int[]? LeafNumber => null;

    /// <summary>Null when this processor lacks the instructions or a tree does not fit into the tables.</summary>
    public static LevelForest? Compile(CompiledForest forest, ColumnPlan plan)
    {
        if (!Avx512Vbmi.IsSupported || plan.ColumnCount > LevelTables.MostColumns)
            return null;
        var tables = new LevelTables();
        return forest.Member.Trees.All(tree => tables.TryAdd(tree, plan)) ? new LevelForest(forest, tables) : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void FindLeaves(int tree, AlignedBytes codes, BlockScratch scratch, Span<ushort> leaves)
    {
        var block = codes.Pointer;
        var tables = _tables.Pointer;
        var columns = ColumnChoice.Create();
        var levels = _levels.AsSpan(_firstLevel[tree].._firstLevel[tree + 1]);
        var walk = default(Walk);
        for (var i = 0; i < levels.Length; i++)
            walk.Step(levels[i], i == _secondPageLevel[tree], tables, block, columns, _columnGroups);
        BlockScratch.Write(walk.Leaf, walk.Behind, _secondPage[tree], leaves);
    }

    /// <summary>
    /// The same for two blocks: a level's look-ups wait for those of the level above, and two blocks' wait together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void FindLeaves(
        int tree, AlignedBytes codes, AlignedBytes otherCodes, Span<ushort> leaves, Span<ushort> otherLeaves)
    {
        var block = codes.Pointer;
        var otherBlock = otherCodes.Pointer;
        var tables = _tables.Pointer;
        var columns = ColumnChoice.Create();
        var levels = _levels.AsSpan(_firstLevel[tree].._firstLevel[tree + 1]);
        var (walk, other) = (default(Walk), default(Walk));
        for (var i = 0; i < levels.Length; i++)
        {
            walk.Step(levels[i], i == _secondPageLevel[tree], tables, block, columns, _columnGroups);
            other.Step(levels[i], i == _secondPageLevel[tree], tables, otherBlock, columns, _columnGroups);
        }

        BlockScratch.Write(walk.Leaf, walk.Behind, _secondPage[tree], leaves);
        BlockScratch.Write(other.Leaf, other.Behind, _secondPage[tree], otherLeaves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<byte> StepFromOne(byte* table, byte* block)
    {
        var code = Vector512.LoadAligned(block + (table[1] * RowCoder.BlockRows));
        return Vector512.ConditionalSelect(
            Vector512.GreaterThan(code, Vector512.Create(table[0])), Vector512.Create(table[3]), Vector512.Create(table[2]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<byte> StepFromRegister(
        byte* table, int splits, Vector512<byte> place, byte* block, ColumnChoice columns, int groups)
    {
        var highestLeft = Avx512Vbmi.PermuteVar64x8(Vector512.Load(table), place);
        var column = Avx512Vbmi.PermuteVar64x8(Vector512.Load(table + splits), place);
        var left = Avx512Vbmi.PermuteVar64x8(Vector512.Load(table + (2 * splits)), place);
        var right = Avx512Vbmi.PermuteVar64x8(Vector512.Load(table + (3 * splits)), place);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(columns.CodesIn(column, block, groups), highestLeft), right, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<byte> StepFromTwo(
        byte* table, int splits, Vector512<byte> place, byte* block, ColumnChoice columns, int groups)
    {
        var highestLeft = LookUp(table, place);
        var column = LookUp(table + splits, place);
        var left = LookUp(table + (2 * splits), place);
        var right = LookUp(table + (3 * splits), place);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(columns.CodesIn(column, block, groups), highestLeft), right, left);

        static Vector512<byte> LookUp(byte* table, Vector512<byte> place) =>
            Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(table), place, Vector512.Load(table + Register));
    }

    /// <summary>64 rows on their way down a tree.</summary>
    private struct Walk
    {
        private Vector512<byte> _place;
        private Vector512<byte> _ended;

        /// <summary>The leaf's number within its page, of rows that have reached it.</summary>
        public Vector512<byte> Leaf { get; private set; }

        /// <summary>All bits set in the rows whose leaf is in the second page.</summary>
        public Vector512<byte> Behind { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Step(
            in Level level, bool beginsSecondPage, byte* tables, byte* block, ColumnChoice columns, int groups)
        {
            // Whoever has not ended yet ends in the second page.
            if (beginsSecondPage)
                Behind = ~_ended;
            _place = level.Splits switch
            {
                1 => StepFromOne(tables + level.Tables, block),
                <= Register => StepFromRegister(tables + level.Tables, level.Splits, _place, block, columns, groups),
                _ => StepFromTwo(tables + level.Tables, level.Splits, _place, block, columns, groups),
            };
            // Places behind the next level's splits are the leaves among the children. A row that ended before walks on
            // among any places, which nobody looks at.
            var ends = Vector512.AndNot(Vector512.GreaterThanOrEqual(_place, Vector512.Create(level.NextSplits)), _ended);
            Leaf = Vector512.ConditionalSelect(ends, _place + Vector512.Create(level.LeafOfPlace), Leaf);
            _ended |= ends;
        }
    }
}
