using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// First and second derivatives of the logistic loss in fixed point. Whole-number sums do not depend on the order of the
/// rows, so histograms may be subtracted from each other and built by any number of threads with the same result.
/// </summary>
internal static class GradientSums
{
    // A derivative is at most 1 (times the class weight) in size: 2^31 rows of 2^30 each still fit in 63 bits.
    private const double Scale = 1L << 30;

    /// <summary>Derivatives at one row: element 0 the first, element 1 the second.</summary>
    public static Vector128<long> At(double probability, bool label, double weight)
    {
        var first = (probability - (label ? 1 : 0)) * weight;
        var second = Math.Max(probability * (1 - probability), 1e-9) * weight;
        return Vector128.Create((long)Math.Round(first * Scale), (long)Math.Round(second * Scale));
    }

    public static double Gradient(Vector128<long> sum) => sum.GetElement(0) / Scale;

    public static double Hessian(Vector128<long> sum) => sum.GetElement(1) / Scale;
}
