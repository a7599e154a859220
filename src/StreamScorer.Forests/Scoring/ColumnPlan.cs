namespace StreamScorer.Forests;

/// <summary>
/// Decides which code columns a set of trees needs and finds the column and code of every split. Splits of one numeric
/// feature share a column unless they send missing values to different sides or need more than 255 thresholds; splits of
/// one categorical feature share a column where their sets form a chain.
/// </summary>
internal sealed class ColumnPlan
{
    private readonly FeatureSchema _schema;
    private readonly double[][] _thresholds;
    private readonly SetChains?[] _chains;
    private readonly Dictionary<(int Feature, int Part, bool MissingLeft), int> _columns = [];

    private ColumnPlan(FeatureSchema schema)
    {
        _schema = schema;
        _thresholds = new double[schema.Count][];
        _chains = new SetChains?[schema.Count];
    }

    public int ColumnCount => _columns.Count;

    /// <summary>Null when more than <paramref name="mostColumns"/> columns would be needed.</summary>
    public static ColumnPlan? For(FeatureSchema schema, IReadOnlyList<DecisionTree> trees, int mostColumns)
    {
        var plan = new ColumnPlan(schema);
        return plan.CollectSplits(trees, mostColumns) && plan.AssignColumns(trees, mostColumns) ? plan : null;
    }

    /// <summary>Column and code of a split: a row goes right when its code in the column is above the code.</summary>
    public (int Column, int Code) Place(DecisionTree tree, int node)
    {
        var key = Key(tree, node, out var code);
        return (_columns[key], code);
    }

    public RowCoder CreateCoder()
    {
        var numeric = new List<NumericCodes>();
        var categorical = new List<CategoryCodes>();
        foreach (var group in _columns.GroupBy(column => column.Key.Feature).OrderBy(group => group.Key))
        {
            var ordered = group.OrderBy(column => column.Value).ToArray();
            var categories = _schema.Features[group.Key].CategoryCount;
            if (_chains[group.Key] is { } chains)
            {
                categorical.Add(new CategoryCodes(group.Key, categories, Array.ConvertAll(
                    ordered, column => new CategoryColumn(column.Value, chains.Codes(column.Key.Part, categories + 1)))));
            }
            else
            {
                numeric.Add(new NumericCodes(group.Key, _thresholds[group.Key], Array.ConvertAll(
                    ordered,
                    column => new NumericColumn(
                        column.Value, column.Key.Part * NumericCodes.ThresholdsPerColumn, column.Key.MissingLeft))));
            }
        }

        return new RowCoder(numeric, categorical, ColumnCount);
    }

    private bool CollectSplits(IReadOnlyList<DecisionTree> trees, int mostColumns)
    {
        var thresholds = new HashSet<double>?[_schema.Count];
        var sets = new List<ulong[]>?[_schema.Count];
        foreach (var tree in trees)
        {
            for (var node = 0; node < tree.NodeCount; node++)
            {
                var feature = tree.Feature[node];
                if (feature == DecisionTree.Leaf)
                    continue;
                if (tree.SetStart[node] >= 0)
                    (sets[feature] ??= []).Add(SetWithMissing(tree, node));
                else
                    (thresholds[feature] ??= []).Add(tree.Threshold[node]);
            }
        }

        for (var feature = 0; feature < _schema.Count; feature++)
        {
            _thresholds[feature] = thresholds[feature] is { } found ? [.. found.Order()] : [];
            if (sets[feature] is null)
                continue;
            _chains[feature] = new SetChains();
            if (!_chains[feature]!.Arrange(sets[feature]!, mostColumns))
                return false;
        }

        return true;
    }

    // Columns are numbered in the order of their first use by the trees.
    private bool AssignColumns(IReadOnlyList<DecisionTree> trees, int mostColumns)
    {
        foreach (var tree in trees)
        {
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (tree.Feature[node] != DecisionTree.Leaf)
                    _columns.TryAdd(Key(tree, node, out _), _columns.Count);
            }

            if (_columns.Count > mostColumns)
                return false;
        }

        return true;
    }

    private (int Feature, int Part, bool MissingLeft) Key(DecisionTree tree, int node, out int code)
    {
        var feature = tree.Feature[node];
        if (tree.SetStart[node] >= 0)
        {
            (var chain, code) = _chains[feature]!.Find(SetWithMissing(tree, node));
            return (feature, chain, false);
        }

        var rank = Array.BinarySearch(_thresholds[feature], tree.Threshold[node]);
        code = rank % NumericCodes.ThresholdsPerColumn;
        return (feature, rank / NumericCodes.ThresholdsPerColumn, tree.MissingLeft[node]);
    }

    // The node's set over the feature's categories and, behind them, a bit for "missing". Stray bits behind the last
    // category are dropped: no category reaches them.
    private ulong[] SetWithMissing(DecisionTree tree, int node)
    {
        var categories = _schema.Features[tree.Feature[node]].CategoryCount;
        var set = new ulong[(categories / 64) + 1];
        for (var code = 0; code < categories; code++)
            set[code >> 6] |= (tree.SetWords[tree.SetStart[node] + (code >> 6)] >> (code & 63) & 1) << (code & 63);
        if (tree.MissingLeft[node])
            set[categories >> 6] |= 1ul << (categories & 63);
        return set;
    }
}
