using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>What cross-validation measured.</summary>
/// <param name="Folds">Metrics of each fold's held-out rows.</param>
public sealed record CrossValidationResult(IReadOnlyList<BinaryMetrics> Folds)
{
    /// <summary>Mean over the folds, and the sample standard deviation between them (0 for a single fold).</summary>
    public (double Mean, double Deviation) Of(Func<BinaryMetrics, double> metric)
    {
        var values = Folds.Select(metric).ToArray();
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        return (mean, values.Length < 2 ? 0 : Math.Sqrt(squares / (values.Length - 1)));
    }
}

/// <summary>
/// k-fold cross-validation: each part of the rows is measured once by a model trained on the others, the feature schema
/// fitted anew each time. Folds have about the same share of positives; rows of one id stay together.
/// </summary>
internal static class CrossValidation
{
    /// <summary>Keeps the folds' random sequence apart from those that other parts draw from the same seed.</summary>
    private const long Stream = 0xF01D;

    /// <param name="table">The table.</param>
    /// <param name="rows">The rows to use, positions in the table.</param>
    /// <param name="folds">2 to 20.</param>
    /// <param name="train">Trains a model on some rows.</param>
    /// <exception cref="DataFileException">A fold has only one outcome.</exception>
    public static CrossValidationResult Run(
        LabelledTable table, int[] rows, int folds, long seed, Func<LearningRows, ForestModel> train,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var foldOf = Deal(table, rows, folds, seed);
        var results = new BinaryMetrics[folds];
        for (var fold = 0; fold < folds; fold++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (training, held) = table.Encode(
                [.. rows.Where((_, i) => foldOf[i] != fold)], [.. rows.Where((_, i) => foldOf[i] == fold)]);
            results[fold] = BinaryMetrics.Compute(held.Score(train(training)), held.Labels);
            progress?.Report((fold + 1.0) / folds);
        }

        return new CrossValidationResult(results);
    }

    /// <summary>The fold of each row: positives and negatives are shuffled and dealt in turn, like cards.</summary>
    private static int[] Deal(LabelledTable table, int[] rows, int folds, long seed)
    {
        var groups = RowGroups.Of(table.Ids is null ? null : Array.ConvertAll(rows, row => table.Ids[row]), rows.Length);
        var labels = groups.FirstLabels(Array.ConvertAll(rows, row => table.Labels[row]));
        var order = groups.Shuffled(new SeededRandom(seed, Stream));
        var foldOfGroup = new int[groups.Count];
        var dealt = 0;
        foreach (var group in order.OrderBy(group => labels[group])) foldOfGroup[group] = dealt++ % folds;
        var foldOf = new int[rows.Length];
        for (var fold = 0; fold < folds; fold++)
            foreach (var row in groups.Rows(group => foldOfGroup[group] == fold))
                foldOf[row] = fold;
        return foldOf;
    }
}
