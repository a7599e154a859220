namespace StreamScorer.Forests;

/// <summary>One level of a tree, of <paramref name="Splits"/> splits: 1 to 128.</summary>
/// <param name="Tables">
/// Where its four tables begin, one behind the other, each with a byte per split: highest code that goes left, column, place
/// of the left child, place of the right one.
/// </param>
/// <param name="Splits">Splits of this level.</param>
/// <param name="NextSplits">Splits of the next level; children with places behind them are leaves.</param>
/// <param name="LeafOfPlace">What makes a leaf's place its number within the page, modulo 256.</param>
internal readonly record struct Level(int Tables, byte Splits, byte NextSplits, byte LeafOfPlace);

/// <summary>Collects the levels of all trees for <see cref="LevelForest"/>.</summary>
internal sealed class LevelTables
{
    /// <summary>Bytes that are looked up in at once, or twice as many.</summary>
    public const int Register = RowCoder.BlockRows;

    /// <summary>Columns that a byte numbers.</summary>
    public const int MostColumns = 256;

    private const int MostSplits = 2 * Register;
    private const int PageLeaves = BlockScratch.PageLeaves;
    private const int None = -1;

    private readonly List<byte> _bytes = [];

    public List<Level> Levels { get; } = [];

    /// <summary>One more than trees.</summary>
    public List<int> FirstLevel { get; } = [0];

    /// <summary>Of each tree, its level from which on leaves belong to the second page; -1 where all belong to the first.</summary>
    public List<int> SecondPageLevel { get; } = [];

    /// <summary>Leaves of each tree's first page, which is as many as come before its second.</summary>
    public List<int> SecondPage { get; } = [];

    /// <summary>False when a level has too many splits or the leaves do not fit into two pages, of whole levels each.</summary>
    public bool TryAdd(DecisionTree tree, ColumnPlan plan)
    {
        var (leaves, secondPage, secondPageLevel) = (0, 0, None);
        int[] splits = tree.Feature[0] == DecisionTree.Leaf ? [] : [0];
        while (splits.Length > 0)
        {
            var children = Array.ConvertAll(splits, split => (Left: split + 1, Right: tree.Right[split]));
            var all = children.SelectMany(pair => new[] { pair.Left, pair.Right }).ToLookup(node => tree.Feature[node] == DecisionTree.Leaf);
            int[] next = [.. all[false]], ends = [.. all[true]];
            if (leaves + ends.Length > PageLeaves && secondPageLevel == None)
                (secondPage, secondPageLevel, leaves) = (leaves, Levels.Count - FirstLevel[^1], 0);
            if (splits.Length > MostSplits || leaves + ends.Length > PageLeaves)
                return false;

            Levels.Add(new Level(_bytes.Count, (byte)splits.Length, (byte)next.Length, unchecked((byte)(leaves - next.Length))));
            var placed = Array.ConvertAll(splits, split => plan.Place(tree, split));
            var places = next.Concat(ends).Select((node, place) => (node, place)).ToDictionary(pair => pair.node, pair => (byte)pair.place);
            _bytes.AddRange(placed.Select(split => (byte)split.Code));
            _bytes.AddRange(placed.Select(split => (byte)split.Column));
            _bytes.AddRange(children.Select(pair => places[pair.Left]));
            _bytes.AddRange(children.Select(pair => places[pair.Right]));
            leaves += ends.Length;
            splits = next;
        }

        FirstLevel.Add(Levels.Count);
        SecondPageLevel.Add(secondPageLevel);
        SecondPage.Add(secondPage);
        return true;
    }

    /// <summary>All tables, and room behind them: registers are loaded whole wherever a table begins.</summary>
    public AlignedBytes ToBytes()
    {
        var bytes = new AlignedBytes(_bytes.Count + MostSplits);
        _bytes.ToArray().CopyTo(bytes.Span);
        return bytes;
    }
}
