using StreamScorer.Forests;

namespace StreamScorer.Tests.Forests;

/// <summary>
/// Scores the obvious way, straight from the definition of a split: one row, one tree, one node at a time. Slow on purpose;
/// the fast paths must give its bits.
/// </summary>
internal static class ReferenceScorer
{
    public static double Raw(ForestModel model, ReadOnlySpan<double> row)
    {
        if (model.Members.Count == 1)
            return Member(model, model.Members[0], row);
        var raw = 0.0;
        foreach (var member in model.Members)
            raw += member.Weight * member.Calibration.Apply(Member(model, member, row));
        return raw;
    }

    public static double Probability(ForestModel model, ReadOnlySpan<double> row) => model.Calibration.Apply(Raw(model, row));

    private static double Member(ForestModel model, ForestMember member, ReadOnlySpan<double> row)
    {
        var sum = member.BaseScore;
        foreach (var tree in member.Trees)
        {
            var node = 0;
            while (tree.Feature[node] >= 0)
                node = GoesLeft(model.Schema, tree, node, row[tree.Feature[node]]) ? node + 1 : tree.Right[node];
            sum = member.SinglePrecision ? (float)sum + (float)tree.Value[node] : sum + tree.Value[node];
        }

        return member.Output == MemberOutput.MeanOfLeaves ? sum / member.Trees.Count : sum;
    }

    private static bool GoesLeft(FeatureSchema schema, DecisionTree tree, int node, double value)
    {
        if (double.IsNaN(value))
            return tree.MissingLeft[node];
        if (tree.SetStart[node] < 0)
            return value <= tree.Threshold[node];
        var categories = schema.Features[tree.Feature[node]].CategoryCount;
        var known = value >= 0 && value < categories && Math.Floor(value) == value;
        var code = known ? (int)value : Feature.RareCode;
        return ((tree.SetWords[tree.SetStart[node] + (code / 64)] >> (code % 64)) & 1) == 1;
    }
}
