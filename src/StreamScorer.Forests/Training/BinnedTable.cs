namespace StreamScorer.Forests;

/// <summary>The training rows as bin numbers, column by column: one byte per value instead of eight.</summary>
internal sealed class BinnedTable
{
    private BinnedTable(FeatureSchema schema, FeatureBins[] bins, byte[][] columns, int rowCount)
    {
        Bins = bins;
        Columns = columns;
        RowCount = rowCount;
        CategoryCounts = [.. schema.Features.Select(feature => feature.CategoryCount)];
    }

    public FeatureBins[] Bins { get; }

    /// <summary>Bin of every row, by feature.</summary>
    public byte[][] Columns { get; }

    public int RowCount { get; }

    public int FeatureCount => Bins.Length;

    public int[] CategoryCounts { get; }

    /// <param name="schema">The features.</param>
    /// <param name="rows">Row-major feature rows, <c>labels.Length * schema.Count</c> long.</param>
    /// <param name="labels">One per row.</param>
    /// <param name="learn">Rows to learn bins and category orders from; null for all. All rows are binned.</param>
    /// <param name="threads">Columns binned at the same time; does not change the result.</param>
    /// <param name="ct">Cancels between columns.</param>
    public static BinnedTable Fit(
        FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, int[]? learn, int threads,
        CancellationToken ct)
    {
        var bins = new FeatureBins[schema.Count];
        var columns = new byte[schema.Count][];
        var learnLabels = learn is null ? labels.ToArray() : Array.ConvertAll(learn, row => labels.Span[row]);
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Parallel.For(0, schema.Count, options, index =>
        {
            var values = Gather(rows.Span, index, schema.Count, labels.Length);
            var learnValues = learn is null ? values : Array.ConvertAll(learn, row => values[row]);
            bins[index] = FeatureBins.Fit(schema.Features[index], learnValues, learnLabels);
            columns[index] = Array.ConvertAll(values, bins[index].BinOf);
        });
        return new BinnedTable(schema, bins, columns, labels.Length);
    }

    private static double[] Gather(ReadOnlySpan<double> rows, int index, int stride, int count)
    {
        var values = new double[count];
        for (var row = 0; row < count; row++)
            values[row] = rows[(row * stride) + index];
        return values;
    }
}
