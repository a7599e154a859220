namespace StreamScorer.Forests;

/// <summary>
/// One code column of a categorical feature. The category sets of its splits form a chain, each contained in the next; a
/// category's code is the number of sets that lack it, so that "not in set k" is "code above k".
/// </summary>
/// <param name="Column">Where the codes go.</param>
/// <param name="CodeOfCategory">By category code; the last entry is for a missing value.</param>
internal readonly record struct CategoryColumn(int Column, byte[] CodeOfCategory);

/// <summary>Codes of one categorical feature of <paramref name="categoryCount"/> categories.</summary>
internal sealed class CategoryCodes(int feature, int categoryCount, IReadOnlyList<CategoryColumn> columns)
{
    private readonly CategoryColumn[] _columns = [.. columns];

    public void Encode(ReadOnlySpan<double> rows, int stride, int count, Span<byte> codes)
    {
        Span<int> categories = stackalloc int[RowCoder.BlockRows];
        for (var row = 0; row < count; row++)
        {
            var value = rows[(row * stride) + feature];
            categories[row] = double.IsNaN(value) ? categoryCount : DecisionTree.CategoryCode(value, categoryCount);
        }

        foreach (var column in _columns)
        {
            var target = codes.Slice(column.Column * RowCoder.BlockRows, count);
            for (var row = 0; row < count; row++)
                target[row] = column.CodeOfCategory[categories[row]];
        }
    }
}
