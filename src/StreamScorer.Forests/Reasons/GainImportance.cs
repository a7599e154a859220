namespace StreamScorer.Forests;

/// <summary>
/// How much each feature's splits improved the training criterion, as shares. Quick, and known from the model alone; it
/// favours features with many values, so read it beside permutation importance.
/// </summary>
public static class GainImportance
{
    /// <summary>
    /// Shares by feature, in schema order, that sum to 1; all zero for a model without splits or whose source did not say
    /// what its splits gained. An ensemble weighs its members' shares.
    /// </summary>
    public static double[] Of(ForestModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var shares = new double[model.Schema.Count];
        foreach (var member in model.Members)
        {
            var gains = new double[shares.Length];
            foreach (var tree in member.Trees)
                AddGains(tree, gains);
            var sum = gains.Sum();
            for (var i = 0; i < shares.Length && sum > 0; i++)
                shares[i] += member.Weight * gains[i] / sum;
        }

        return shares;
    }

    private static void AddGains(DecisionTree tree, double[] gains)
    {
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] != DecisionTree.Leaf)
                gains[tree.Feature[node]] += Math.Max(0, tree.Gain[node]);
        }
    }
}
