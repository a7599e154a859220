using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>The best split of a node so far; <see cref="Found"/> is false until one has been kept.</summary>
internal struct BoostingSplit
{
    public bool Found;
    public double Gain;
    public BinSplit Split;
    public Vector128<long> Left;
    public double LeftOutput;
    public double RightOutput;
}

/// <summary>A node's sums and the range that monotone constraints above it leave for its output.</summary>
internal readonly record struct NodeSums(Vector128<long> Total, double Lower, double Upper);

/// <summary>
/// Scans histograms of derivatives for the split with the largest gain (Chen and Guestrin, "XGBoost", 2016, equation 7):
/// G²/(H + L2) of both children less that of their parent, with outputs kept inside what monotone constraints allow.
/// </summary>
internal sealed class BoostingSplitFinder(GradientBoostingOptions options, int[] monotone)
{
    /// <summary>Output of a leaf before shrinkage.</summary>
    public double Output(Vector128<long> sum, double lower, double upper)
    {
        var weight = GradientSums.Hessian(sum) + options.L2;
        return weight > 0 ? Math.Clamp(-GradientSums.Gradient(sum) / weight, lower, upper) : 0;
    }

    /// <param name="bins">The feature.</param>
    /// <param name="histogram">Sum of derivatives per bin in this node.</param>
    /// <param name="node">The node's own sums.</param>
    /// <param name="best">Replaced when the feature offers more.</param>
    public void Scan(FeatureBins bins, ReadOnlySpan<Vector128<long>> histogram, in NodeSums node, ref BoostingSplit best)
    {
        if (bins.IsCategorical)
        {
            ScanRange(bins, histogram, bins.BinCount, Vector128<long>.Zero, false, node, ref best);
            ScanSingles(bins, histogram, node, ref best);
            return;
        }

        var missing = histogram[bins.MissingBin];
        ScanRange(bins, histogram, bins.MissingBin, Vector128<long>.Zero, missing != Vector128<long>.Zero, node, ref best);
        if (missing != Vector128<long>.Zero)
            ScanRange(bins, histogram, bins.MissingBin, missing, true, node, ref best);
    }

    // Splits between neighbouring bins that are not empty, half-way over the empty ones between them. missingLeft is what
    // the left side gets of the missing rows.
    private void ScanRange(
        FeatureBins bins, ReadOnlySpan<Vector128<long>> histogram, int end, Vector128<long> missingLeft, bool hasMissing,
        in NodeSums node, ref BoostingSplit best)
    {
        var left = missingLeft;
        var last = -1;
        for (var bin = 0; bin < end; bin++)
        {
            if (histogram[bin] == Vector128<long>.Zero)
                continue;
            if (last >= 0)
            {
                var middle = (last + bin - 1) / 2;
                var toLeft = hasMissing ? missingLeft != Vector128<long>.Zero : bins.ImputedBin <= middle;
                Consider(new BinSplit(bins.Feature, middle, toLeft, false), left, node, ref best);
            }

            left += histogram[bin];
            last = bin;
        }

        // All present values on one side, the missing ones on the other.
        if (hasMissing && last >= 0 && missingLeft == Vector128<long>.Zero)
            Consider(new BinSplit(bins.Feature, end - 1, false, false), left, node, ref best);
    }

    // One category against all others.
    private void ScanSingles(
        FeatureBins bins, ReadOnlySpan<Vector128<long>> histogram, in NodeSums node, ref BoostingSplit best)
    {
        for (var bin = 0; bin < bins.BinCount; bin++)
        {
            if (histogram[bin] != Vector128<long>.Zero)
                Consider(new BinSplit(bins.Feature, bin, false, true), histogram[bin], node, ref best);
        }
    }

    private void Consider(in BinSplit split, Vector128<long> left, in NodeSums node, ref BoostingSplit best)
    {
        var right = node.Total - left;
        if (GradientSums.Hessian(left) < options.MinChildWeight || GradientSums.Hessian(right) < options.MinChildWeight)
            return;
        var leftOutput = Output(left, node.Lower, node.Upper);
        var rightOutput = Output(right, node.Lower, node.Upper);
        if ((rightOutput - leftOutput) * monotone[split.Feature] < 0)
            return;
        var gain = Improvement(left, leftOutput) + Improvement(right, rightOutput)
            - Improvement(node.Total, Output(node.Total, node.Lower, node.Upper));
        if (gain <= options.MinGain || (best.Found && gain <= best.Gain))
            return;
        best = new BoostingSplit
        {
            Found = true,
            Gain = gain,
            Split = split,
            Left = left,
            LeftOutput = leftOutput,
            RightOutput = rightOutput,
        };
    }

    // Twice the fall of the penalised loss (second order) when all rows of a node get one output; for the best output
    // this is G²/(H + L2).
    private double Improvement(Vector128<long> sum, double output) =>
        -((2 * GradientSums.Gradient(sum) * output) + ((GradientSums.Hessian(sum) + options.L2) * output * output));
}
