namespace StreamScorer.Forests;

/// <summary>Isotonic regression by pooling adjacent violators: the increasing step function nearest to the labels.</summary>
internal static class IsotonicFit
{
    public static Calibration Fit(ReadOnlySpan<double> raw, ReadOnlySpan<bool> labels, CalibrationInput input)
    {
        var scores = raw.ToArray();
        var targets = new double[labels.Length];
        for (var i = 0; i < targets.Length; i++)
            targets[i] = labels[i] ? 1 : 0;
        Array.Sort(scores, targets);

        var blocks = new List<Block>();
        for (var i = 0; i < scores.Length; i++)
        {
            // Equal scores must share a level, so they start as one block.
            var block = new Block(scores[i], targets[i], 1);
            if (blocks.Count > 0 && blocks[^1].Last == scores[i])
                block = Pop(blocks).Merge(block);
            while (blocks.Count > 0 && blocks[^1].Mean >= block.Mean)
                block = Pop(blocks).Merge(block);
            blocks.Add(block with { Last = scores[i] });
        }

        var steps = blocks.Select(block => block.First).ToArray();
        if (steps.Length > 0)
            steps[0] = double.NegativeInfinity;
        return Calibration.Isotonic(input, steps, [.. blocks.Select(block => block.Mean)]);
    }

    private static Block Pop(List<Block> blocks)
    {
        var last = blocks[^1];
        blocks.RemoveAt(blocks.Count - 1);
        return last;
    }

    private sealed record Block(double First, double Sum, int Count)
    {
        public double Last { get; init; } = First;

        public double Mean => Sum / Count;

        public Block Merge(Block next) => new(First, Sum + next.Sum, Count + next.Count) { Last = next.Last };
    }
}
