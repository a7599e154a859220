namespace StreamScorer.Forests;

/// <summary>
/// Explains one member's raw output. The tables are built once per model, when the first reason is asked for.
/// </summary>
internal sealed class MemberReasons
{
    private readonly ForestMember _member;
    private readonly CompiledForest? _forest;
    private readonly Lazy<PathContributions?> _paths;
    private readonly Lazy<TreeShap> _shap;

    public MemberReasons(FeatureSchema schema, ForestMember member, CompiledForest? forest)
    {
        _member = member;
        _forest = forest;
        _paths = new Lazy<PathContributions?>(() => forest is null ? null : new PathContributions(forest, schema.Count));
        _shap = new Lazy<TreeShap>(() => new TreeShap(member, forest, schema.Count));
        var sum = member.BaseScore;
        foreach (var tree in member.Trees)
            sum += tree.Value[0];
        Baseline = member.Finish(sum);
    }

    /// <summary>The member's raw output for the average training row.</summary>
    public double Baseline { get; }

    public TreeShap Shap => _shap.Value;

    /// <summary>Per-path contributions of one row; with <see cref="Baseline"/> they sum to the raw output.</summary>
    /// <param name="row">The feature row.</param>
    /// <param name="leaves">Its leaf in every tree; ignored when the member has no compiled form.</param>
    /// <param name="contributions">Gets one number per feature.</param>
    public void Paths(ReadOnlySpan<double> row, ReadOnlySpan<int> leaves, Span<double> contributions)
    {
        contributions.Clear();
        if (_paths.Value is { } paths)
            paths.Add(leaves, contributions);
        else
            WalkPaths(row, contributions);
        Finish(contributions);
    }

    /// <summary>Exact Shapley values of up to 64 rows; with <see cref="Baseline"/> each row's sum to its raw output.</summary>
    /// <param name="rows">Row-major feature rows.</param>
    /// <param name="codes">Their codes; ignored when the member has no compiled form.</param>
    /// <param name="scratch">Of this thread.</param>
    /// <param name="contributions">As long as the rows.</param>
    public void ShapleyValues(
        ReadOnlySpan<double> rows, AlignedBytes codes, TreeShapScratch scratch, Span<double> contributions)
    {
        contributions.Clear();
        Shap.Add(rows, codes, scratch, contributions);
        Finish(contributions);
    }

    private void WalkPaths(ReadOnlySpan<double> row, Span<double> contributions)
    {
        foreach (var tree in _member.Trees)
        {
            for (var node = 0; tree.Feature[node] != DecisionTree.Leaf;)
            {
                var next = tree.GoesLeft(node, row[tree.Feature[node]]) ? node + 1 : tree.Right[node];
                contributions[tree.Feature[node]] += tree.Value[next] - tree.Value[node];
                node = next;
            }
        }
    }

    private void Finish(Span<double> contributions)
    {
        foreach (ref var contribution in contributions)
            contribution = _member.Finish(contribution);
    }
}
