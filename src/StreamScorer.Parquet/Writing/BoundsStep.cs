namespace StreamScorer.Parquet.Writing;

/// <summary>How a page's bounds compare with those of the last page that had some.</summary>
/// <param name="Rises">Neither bound is lower.</param>
/// <param name="Falls">Neither bound is higher.</param>
internal readonly record struct BoundsStep(bool Rises, bool Falls)
{
    /// <summary>There is nothing to compare: the first page, or one without values.</summary>
    public static BoundsStep None => new(true, true);

    /// <summary>The step between two pages, from comparisons of the later page's bounds with the earlier's.</summary>
    public static BoundsStep Of(int minComparison, int maxComparison) =>
        new(minComparison >= 0 && maxComparison >= 0, minComparison <= 0 && maxComparison <= 0);
}
