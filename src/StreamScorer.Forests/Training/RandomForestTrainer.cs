namespace StreamScorer.Forests;

/// <summary>
/// Random forest for a yes/no label (Breiman 2001): bootstrapped trees on random feature subsets, averaged; the average is
/// calibrated on out-of-bag predictions, so that no tree judges rows it was grown on.
/// </summary>
public static class RandomForestTrainer
{
    public const string AlgorithmName = "random-forest";

    /// <param name="modelName">Name stored in the model.</param>
    /// <param name="schema">The features, in row order.</param>
    /// <param name="rows">Feature rows, row-major, <c>labels.Length * schema.Count</c> long.</param>
    /// <param name="labels">True = positive; both classes must occur.</param>
    /// <param name="options">Settings; the thread count does not change the result.</param>
    /// <param name="progress">Gets the share of trees grown, 0 to 1.</param>
    /// <param name="ct">Cancels between trees.</param>
    /// <exception cref="ForestException">Shapes do not match, one class is absent, or a setting is out of range.</exception>
    public static ForestModel Train(
        string modelName, FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels,
        RandomForestOptions options, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        var (member, raw, scored) = TrainMember(schema, rows, labels, options, progress, ct);
        var calibration = Calibration.Fit(
            options.Calibration, Select(raw, scored), Select(labels.Span, scored), CalibrationInput.Probability);
        var probability = Array.ConvertAll(raw, calibration.Apply);
        var baseline = TrainingBaseline.Build(schema, rows.Span, labels.Span, Select(probability, scored));
        return new ForestModel(modelName, schema, [member], calibration, options.BucketEdges, baseline);
    }

    /// <summary>The trees, each row's out-of-bag raw score, and whether any tree had left the row out.</summary>
    internal static (ForestMember Member, double[] OutOfBag, bool[] Scored) TrainMember(
        FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, RandomForestOptions options,
        IProgress<double>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        TrainingShape.Check(schema, rows.Span, labels.Span);
        var table = BinnedTable.Fit(schema, rows, labels, learn: null, options.Threads, ct);
        var (trees, inBag) = GrowTrees(table, labels.ToArray(), options, progress, ct);
        var (raw, scored) = OutOfBag(trees, inBag, rows, schema.Count, options.Threads, ct);
        var member = new ForestMember { Algorithm = AlgorithmName, Output = MemberOutput.MeanOfLeaves, Trees = trees };
        return (member, raw, scored);
    }

    /// <summary>
    /// Each row's raw score from a forest that was grown on the other folds, the order of categories learned there too: as
    /// boosting's are, so that the two can be weighed. The order behind out-of-bag scores has seen every label.
    /// </summary>
    internal static double[] OutOfFold(
        FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, RandomForestOptions options, int folds,
        IProgress<double>? progress, CancellationToken ct)
    {
        var stride = schema.Count;
        var foldOfRow = FoldAssignment.Stratified(labels.Span, folds, SplitMix.Derive(options.Seed, ulong.MaxValue));
        var raw = new double[labels.Length];
        for (var fold = 0; fold < folds; fold++)
        {
            var known = Enumerable.Range(0, labels.Length).Where(row => foldOfRow[row] != fold).ToArray();
            var values = new double[known.Length * stride];
            for (var i = 0; i < known.Length; i++)
                rows.Span.Slice(known[i] * stride, stride).CopyTo(values.AsSpan(i * stride));
            var knownLabels = Array.ConvertAll(known, row => labels.Span[row]);
            var table = BinnedTable.Fit(schema, values, knownLabels, learn: null, options.Threads, ct);
            var (trees, _) = GrowTrees(table, knownLabels, options, null, ct);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = ct };
            Parallel.For(0, labels.Length, parallel, row =>
            {
                if (foldOfRow[row] == fold)
                    raw[row] = MeanOfLeaves(trees, rows.Span.Slice(row * stride, stride));
            });
            progress?.Report((fold + 1.0) / folds);
        }

        return raw;
    }

    private static double MeanOfLeaves(DecisionTree[] trees, ReadOnlySpan<double> row)
    {
        var sum = 0.0;
        foreach (var tree in trees)
            sum += tree.Value[tree.FindLeaf(row)];
        return sum / trees.Length;
    }

    private static (DecisionTree[] Trees, ulong[][] InBag) GrowTrees(
        BinnedTable table, bool[] labels, RandomForestOptions options, IProgress<double>? progress, CancellationToken ct)
    {
        var trees = new DecisionTree[options.Trees];
        var inBag = new ulong[options.Trees][];
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = ct };
        Parallel.For(
            0,
            options.Trees,
            parallel,
            () => new ForestTreeGrower(table, labels, options),
            (tree, _, grower) =>
            {
                inBag[tree] = new ulong[(table.RowCount + 63) / 64];
                trees[tree] = grower.Grow(SplitMix.Derive(options.Seed, (ulong)tree), inBag[tree]);
                progress?.Report((double)Interlocked.Increment(ref done) / options.Trees);
                return grower;
            },
            _ => { });
        return (trees, inBag);
    }

    // Mean leaf value per row over the trees that did not draw it; false where every tree did. Trees are added in order
    // for each row, so the sums do not depend on how rows are spread over threads.
    private static (double[] Raw, bool[] Scored) OutOfBag(
        DecisionTree[] trees, ulong[][] inBag, ReadOnlyMemory<double> rows, int stride, int threads, CancellationToken ct)
    {
        var count = rows.Length / stride;
        var raw = new double[count];
        var scored = new bool[count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        const int block = 1024;
        Parallel.For(0, (count + block - 1) / block, parallel, part =>
        {
            var used = new int[block];
            var first = part * block;
            var last = Math.Min(count, first + block);
            for (var tree = 0; tree < trees.Length; tree++)
            {
                for (var row = first; row < last; row++)
                {
                    if ((inBag[tree][row >> 6] >> (row & 63) & 1) != 0)
                        continue;
                    var leaf = trees[tree].FindLeaf(rows.Span.Slice(row * stride, stride));
                    raw[row] += trees[tree].Value[leaf];
                    used[row - first]++;
                }
            }

            for (var row = first; row < last; row++)
            {
                scored[row] = used[row - first] > 0;
                raw[row] = scored[row] ? raw[row] / used[row - first] : 0;
            }
        });
        return (raw, scored);
    }

    internal static T[] Select<T>(ReadOnlySpan<T> values, bool[] keep)
    {
        var kept = new List<T>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            if (keep[i])
                kept.Add(values[i]);
        }

        return [.. kept];
    }
}
