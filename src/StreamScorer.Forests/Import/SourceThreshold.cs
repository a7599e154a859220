namespace StreamScorer.Forests;

/// <summary>
/// Turns the comparisons of other tools into "at most": the largest double that goes left. Tools that compare in single
/// precision round the value first; rounding never changes the order of two values, so there is one largest double whose
/// rounded form still goes left.
/// </summary>
internal static class SourceThreshold
{
    /// <summary>value &lt; threshold, both single precision.</summary>
    public static double FloatBelow(float threshold)
    {
        var last = MathF.BitDecrement(threshold);
        return float.IsNegativeInfinity(threshold) ? double.NaN : LargestRoundingTo(last, threshold);
    }

    /// <summary>value &lt;= threshold, both single precision.</summary>
    public static double FloatAtMost(float threshold) =>
        float.IsPositiveInfinity(threshold)
            ? double.PositiveInfinity
            : LargestRoundingTo(threshold, MathF.BitIncrement(threshold));

    // The border between two neighbouring floats is their midpoint, itself a double; ties go to the even float.
    private static double LargestRoundingTo(float last, float next)
    {
        double border;
        if (float.IsPositiveInfinity(next))
        {
            // Halfway to the float that would follow if exponents went on; from there on a double rounds to infinity.
            border = (double)float.MaxValue + (((double)float.MaxValue - MathF.BitDecrement(float.MaxValue)) / 2);
        }
        else if (float.IsNegativeInfinity(last))
        {
            border = -((double)float.MaxValue + (((double)float.MaxValue - MathF.BitDecrement(float.MaxValue)) / 2));
        }
        else
        {
            border = ((double)last + next) / 2;
        }

        return (float)border <= last ? border : Math.BitDecrement(border);
    }
}
