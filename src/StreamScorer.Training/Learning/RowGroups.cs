using StreamScorer.Training.Generation;

namespace StreamScorer.Training.Learning;

/// <summary>
/// Rows that must stay together: all rows of one id. A lead that stands in several rows would otherwise be on both sides of
/// a split, and a model would be measured on leads it has seen.
/// </summary>
internal sealed class RowGroups
{
    private readonly int[] _groupOf;

    private RowGroups(int[] groupOf, int count)
    {
        _groupOf = groupOf;
        Count = count;
    }

    public int Count { get; }

    public int RowCount => _groupOf.Length;

    /// <param name="ids">One per row; null, or null for a row, makes it a group of its own.</param>
    /// <param name="rows">Number of rows.</param>
    public static RowGroups Of(string?[]? ids, int rows)
    {
        var groupOf = new int[rows];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            if (ids?[row] is not { } id) groupOf[row] = count++;
            else if (known.TryGetValue(id, out var group)) groupOf[row] = group;
            else known[id] = groupOf[row] = count++;
        }

        return new RowGroups(groupOf, count);
    }

    /// <summary>Groups in random order.</summary>
    public int[] Shuffled(SeededRandom random)
    {
        var order = Enumerable.Range(0, Count).ToArray();
        random.Shuffle<int>(order);
        return order;
    }

    /// <summary>Rows for whose group the test holds, ascending.</summary>
    public int[] Rows(Func<int, bool> ofGroup) => [.. Enumerable.Range(0, RowCount).Where(row => ofGroup(_groupOf[row]))];

    /// <summary>The label of each group's first row.</summary>
    public bool[] FirstLabels(bool[] labels)
    {
        var first = new bool[Count];
        for (var row = RowCount - 1; row >= 0; row--) first[_groupOf[row]] = labels[row];
        return first;
    }
}
