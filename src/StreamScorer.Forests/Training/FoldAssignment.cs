namespace StreamScorer.Forests;

/// <summary>Divides rows into folds of nearly equal size and nearly equal rate of positives.</summary>
public static class FoldAssignment
{
    /// <returns>The fold of each row, 0 to <paramref name="folds"/> - 1; the same for the same seed.</returns>
    /// <exception cref="ForestException">A class has fewer rows than there are folds.</exception>
    public static int[] Stratified(ReadOnlySpan<bool> labels, int folds, ulong seed)
    {
        var random = new SplitMix(seed);
        var foldOfRow = new int[labels.Length];
        foreach (var label in new[] { true, false })
        {
            var rows = new List<int>();
            for (var row = 0; row < labels.Length; row++)
            {
                if (labels[row] == label)
                    rows.Add(row);
            }

            if (rows.Count < folds)
                throw new ForestException(
                    $"{folds} folds need as many rows of each class; one class has {rows.Count}. Use fewer folds.");
            var order = rows.ToArray();
            random.ShuffleFront(order, order.Length);
            for (var i = 0; i < order.Length; i++)
                foldOfRow[order[i]] = i % folds;
        }

        return foldOfRow;
    }
}
