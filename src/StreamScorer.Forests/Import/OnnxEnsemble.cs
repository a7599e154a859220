namespace StreamScorer.Forests;

/// <summary>Makes trees of the parallel lists that describe an ONNX tree ensemble.</summary>
internal sealed class OnnxEnsemble(OnnxAttributes attributes, bool isClassifier, string source)
{
    private readonly IReadOnlyList<long> _treeIds = attributes.Integers("nodes_treeids");
    private readonly IReadOnlyList<long> _nodeIds = attributes.Integers("nodes_nodeids");
    private readonly Dictionary<long, SourceTree> _trees = [];
    private readonly Dictionary<(long Tree, long Node), int> _places = [];

    public SourceModel Build()
    {
        PlaceNodes();
        FillNodes();
        AddLeafWeights();
        var transform = attributes.Text("post_transform", "NONE");
        var aggregate = attributes.Text("aggregate_function", "SUM");
        if (aggregate is not ("SUM" or "AVERAGE"))
            throw new ForestException($"{source}: aggregate function {aggregate} is not supported.");
        return new SourceModel
        {
            Algorithm = "onnx",
            InputCount = (int)attributes.Integers("nodes_featureids").DefaultIfEmpty().Max() + 1,
            Trees = [.. _trees.OrderBy(tree => tree.Key).Select(tree => tree.Value)],
            BaseScore = attributes.Floats("base_values") is { Count: > 0 } bases ? bases[^1] : 0,
            SinglePrecision = true,
            Average = aggregate == "AVERAGE",
            Calibration = transform switch
            {
                "NONE" => Calibration.None(CalibrationInput.Probability),
                "LOGISTIC" => Calibration.None(CalibrationInput.LogOdds),
                _ => throw new ForestException($"{source}: post transform {transform} is not supported (NONE, LOGISTIC)."),
            },
        };
    }

    private void PlaceNodes()
    {
        if (_treeIds.Count != _nodeIds.Count || _treeIds.Count == 0)
            throw new ForestException($"{source}: {_treeIds.Count} tree ids for {_nodeIds.Count} node ids.");
        foreach (var tree in _treeIds.GroupBy(id => id))
            _trees.Add(tree.Key, new SourceTree(tree.Count()));
        var used = _trees.Keys.ToDictionary(tree => tree, _ => 0);
        for (var i = 0; i < _treeIds.Count; i++)
        {
            if (!_places.TryAdd((_treeIds[i], _nodeIds[i]), used[_treeIds[i]]++))
                throw new ForestException($"{source}: node {_nodeIds[i]} of tree {_treeIds[i]} occurs twice.");
        }
    }

    private void FillNodes()
    {
        var features = Required("nodes_featureids", attributes.Integers("nodes_featureids"));
        var values = Required("nodes_values", attributes.Floats("nodes_values"));
        var modes = Required("nodes_modes", attributes.Texts("nodes_modes"));
        var whenTrue = Required("nodes_truenodeids", attributes.Integers("nodes_truenodeids"));
        var whenFalse = Required("nodes_falsenodeids", attributes.Integers("nodes_falsenodeids"));
        var missingTrue = attributes.Integers("nodes_missing_value_tracks_true");
        for (var i = 0; i < _treeIds.Count; i++)
        {
            var tree = _trees[_treeIds[i]];
            var node = _places[(_treeIds[i], _nodeIds[i])];
            if (modes[i] == "LEAF")
            {
                tree.Input[node] = DecisionTree.Leaf;
                tree.Cover[node] = 1;
                continue;
            }

            // "True" is the left side for < and <=, the right side for > and >=; a missing value is never "true" by itself.
            var trueIsLeft = modes[i] is "BRANCH_LEQ" or "BRANCH_LT";
            tree.Input[node] = SourceTree.SplitInput(features[i], source);
            tree.Left[node] = Place(_treeIds[i], trueIsLeft ? whenTrue[i] : whenFalse[i]);
            tree.Right[node] = Place(_treeIds[i], trueIsLeft ? whenFalse[i] : whenTrue[i]);
            tree.MissingLeft[node] = (missingTrue.Count > i && missingTrue[i] != 0) == trueIsLeft;
            tree.LargestLeft[node] = modes[i] switch
            {
                "BRANCH_LEQ" or "BRANCH_GT" => SourceThreshold.FloatAtMost(values[i]),
                "BRANCH_LT" or "BRANCH_GTE" => SourceThreshold.FloatBelow(values[i]),
                _ => throw new ForestException($"{source}: node mode {modes[i]} is not supported (<=, <, >=, >)."),
            };
        }
    }

    // A classifier has weights for class 1, for classes 0 and 1, or (binary shorthand) all for one class id.
    private void AddLeafWeights()
    {
        var prefix = isClassifier ? "class" : "target";
        var treeIds = attributes.Integers($"{prefix}_treeids");
        var nodeIds = attributes.Integers($"{prefix}_nodeids");
        var ids = attributes.Integers($"{prefix}_ids");
        var weights = attributes.Floats($"{prefix}_weights");
        if (treeIds.Count != weights.Count || nodeIds.Count != weights.Count || ids.Count != weights.Count)
            throw new ForestException($"{source}: the lists of leaf weights differ in length.");
        var distinct = ids.Distinct().ToArray();
        if (distinct.Any(id => id is < 0 or > 1))
            throw new ForestException($"{source}: the model has more than two classes or outputs.");
        var positive = distinct.Max();
        for (var i = 0; i < weights.Count; i++)
        {
            if (ids[i] != positive)
                continue;
            var tree = _trees.GetValueOrDefault(treeIds[i]) ?? throw new ForestException(
                $"{source}: tree {treeIds[i]} has no nodes.");
            tree.Value[Place(treeIds[i], nodeIds[i])] += weights[i];
        }
    }

    private int Place(long tree, long node) =>
        _places.TryGetValue((tree, node), out var place)
            ? place
            : throw new ForestException($"{source}: tree {tree} has no node {node}.");

    private IReadOnlyList<T> Required<T>(string name, IReadOnlyList<T> values) =>
        values.Count == _treeIds.Count
            ? values
            : throw new ForestException($"{source}: {name} has {values.Count} entries for {_treeIds.Count} nodes.");
}
