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

    /// <param name="rows">Row-major feature rows, <c>labels.Length * schema.Count</c> long.</param>
    /// <param name="threads">Columns binned at the same time; does not change the result.</param>
    public static BinnedTable Fit(
        FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, int threads, CancellationToken ct)
    {
        var bins = new FeatureBins[schema.Count];
        var columns = new byte[schema.Count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Parallel.For(0, schema.Count, options, index =>
        {
            var values = Gather(rows.Span, index, schema.Count, labels.Length);
            bins[index] = FeatureBins.Fit(schema.Features[index], values, labels.Span);
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
