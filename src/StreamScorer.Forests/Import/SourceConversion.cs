using System.Globalization;

namespace StreamScorer.Forests;

/// <summary>Makes a <see cref="ForestModel"/> of a model from elsewhere.</summary>
internal sealed class SourceConversion
{
    // A category number beyond is a damaged file rather than a dictionary.
    private const int MostCategoryNumber = FeatureSchema.MostCategories - 2;

    private readonly SourceModel _source;
    private readonly string _file;
    private readonly FeatureSchema _schema;
    private readonly int[] _categoryCounts;

    public SourceConversion(SourceModel source, string file, string modelName, IReadOnlyList<ImportFeature>? features)
    {
        _source = source;
        _file = file;
        if (source.InputCount is < 1 or > FeatureSchema.MostFeatures)
            throw new ForestException(
                $"{file}: a model of {source.InputCount} inputs; 1 to {FeatureSchema.MostFeatures} are supported.");
        if (features is not null && features.Count != source.InputCount)
            throw new ForestException(
                $"{file}: the model has {source.InputCount} inputs, the mapping describes {features.Count}.");
        _schema = Schema(modelName, features ?? DefaultFeatures());
        _categoryCounts = [.. _schema.Features.Select(feature => feature.CategoryCount)];
    }

    public ForestModel Convert(string modelName)
    {
        if (_source.Trees.Count == 0)
            throw new ForestException($"{_file}: the model has no trees.");
        var member = new ForestMember
        {
            Algorithm = _source.Algorithm,
            Output = _source.Average ? MemberOutput.MeanOfLeaves : MemberOutput.SumOfLeaves,
            BaseScore = _source.BaseScore,
            SinglePrecision = _source.SinglePrecision,
            Trees = [.. _source.Trees.Select(Convert)],
        };
        var empty = _schema.Features.Select(_ => new FeatureBaseline(0, [], [0])).ToArray();
        var baseline = new TrainingBaseline(0, 0, empty, new long[TrainingBaseline.ScoreBins]);
        return new ForestModel(modelName, _schema, [member], _source.Calibration, ForestModel.DefaultBucketEdges, baseline);
    }

    private ImportFeature[] DefaultFeatures() =>
        [.. Enumerable.Range(0, _source.InputCount).Select(i =>
        {
            var name = i < _source.InputNames.Count
                ? _source.InputNames[i]
                : string.Create(CultureInfo.InvariantCulture, $"f{i}");
            return new ImportFeature(new FeatureSpec(name, name, name, name));
        })];

    private FeatureSchema Schema(string name, IReadOnlyList<ImportFeature> features)
    {
        SchemaNames.Check([.. features.Select(feature => feature.Spec)]);
        var largest = LargestCategories();
        var made = new Feature[features.Count];
        for (var i = 0; i < made.Length; i++)
        {
            var (spec, texts) = features[i];
            var bySet = largest[i] >= 0;
            var kind = spec.Kind ?? (bySet || texts is not null ? FeatureKind.Categorical : FeatureKind.Numeric);
            if (bySet && kind != FeatureKind.Categorical)
                throw new ForestException(
                    $"{_file}: the model splits input {i} ('{spec.Name}') by category, the mapping calls it {kind}.");
            texts ??= [.. Enumerable.Range(0, largest[i] + 1).Select(code => code.ToString(CultureInfo.InvariantCulture))];
            if (kind == FeatureKind.Categorical && largest[i] >= texts.Count)
                throw new ForestException(
                    $"{_file}: input {i} ('{spec.Name}') uses category {largest[i]}, the mapping names {texts.Count}.");
            string[] categories = kind == FeatureKind.Categorical ? [Feature.RareName, .. texts] : [];
            if (categories.Distinct(StringComparer.Ordinal).Count() != categories.Length)
                throw new ForestException($"{_file}: the mapping names a category of '{spec.Name}' twice.");
            made[i] = new Feature(i, spec, kind, spec.Required ?? true, 0, [.. spec.NullTokens ?? [""]], categories);
        }

        return new FeatureSchema(name, made, null);
    }

    private int[] LargestCategories()
    {
        var largest = new int[_source.InputCount];
        Array.Fill(largest, -1);
        foreach (var tree in _source.Trees)
        {
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (tree.Input[node] >= _source.InputCount)
                    throw new ForestException(
                        $"{_file}: a split tests input {tree.Input[node]} of {_source.InputCount}.");
                foreach (var code in tree.Listed[node] ?? [])
                {
                    if (code is < 0 or > MostCategoryNumber)
                        throw new ForestException($"{_file}: category number {code}; 0 to {MostCategoryNumber} are supported.");
                    largest[tree.Input[node]] = Math.Max(largest[tree.Input[node]], code);
                }
            }
        }

        return largest;
    }

    // Walks from the root with a stack of its own: a hostile file must not decide the depth of our recursion.
    private DecisionTree Convert(SourceTree tree)
    {
        var builder = new TreeBuilder();
        var visited = new bool[tree.NodeCount];
        var pending = new Stack<(int Node, int Parent)>();
        pending.Push((tree.Root, -1));
        while (pending.TryPop(out var next))
        {
            var (node, parent) = next;
            if (node < 0 || node >= tree.NodeCount || visited[node])
                throw new ForestException(
                    $"{_file}: node {node} of a tree of {tree.NodeCount} does not exist or is reached twice.");
            visited[node] = true;
            if (parent >= 0)
                builder.BeginRight(parent);
            if (tree.Input[node] == DecisionTree.Leaf)
            {
                AddLeaf(builder, tree, node);
                continue;
            }

            var split = AddSplit(builder, tree, node);
            pending.Push((tree.Right[node], split));
            pending.Push((tree.Left[node], -1));
        }

        var built = builder.Build(_categoryCounts);
        if (built.Depth > ModelFile.MostDepth)
            throw new ForestException($"{_file}: a tree is {built.Depth} deep; {ModelFile.MostDepth} is the most.");
        return built;
    }

    private void AddLeaf(TreeBuilder builder, SourceTree tree, int node)
    {
        if (!double.IsFinite(tree.Value[node]) || !(tree.Cover[node] >= 0) || double.IsInfinity(tree.Cover[node]))
            throw new ForestException($"{_file}: leaf {node} has no finite value or cover.");
        builder.AddLeaf(tree.Value[node], tree.Cover[node]);
    }

    private int AddSplit(TreeBuilder builder, SourceTree tree, int node)
    {
        var feature = _schema.Features[tree.Input[node]];
        var gain = double.IsFinite(tree.Gain[node]) ? tree.Gain[node] : 0;
        if (feature.Kind != FeatureKind.Categorical)
        {
            // NaN stands for "no value goes left"; nothing is at most minus infinity but minus infinity itself.
            var largest = double.IsNaN(tree.LargestLeft[node]) ? double.NegativeInfinity : tree.LargestLeft[node];
            return builder.AddThresholdSplit(feature.Index, largest, tree.MissingLeft[node], gain);
        }

        var set = new ulong[(feature.CategoryCount + 63) / 64];
        var listed = tree.Listed[node]?.ToHashSet();
        for (var code = 0; code < feature.CategoryCount; code++)
        {
            if (GoesLeft(tree, node, listed, code - 1))
                set[code >> 6] |= 1ul << (code & 63);
        }

        return builder.AddSetSplit(feature.Index, set, tree.MissingLeft[node], gain);
    }

    // -1 stands for a text that has no number: not listed by sets, and missing to a threshold.
    private static bool GoesLeft(SourceTree tree, int node, HashSet<int>? listed, int number)
    {
        if (listed is not null)
            return listed.Contains(number) == tree.ListedLeft[node];
        return number < 0 ? tree.MissingLeft[node] : number <= tree.LargestLeft[node];
    }
}
