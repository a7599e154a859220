using StreamScorer.Forests;

namespace StreamScorer.Tests.Forests;

/// <summary>Models and rows no trainer would make: every split kind, awkward thresholds, lopsided trees, odd values.</summary>
internal sealed class RandomModels(int seed)
{
    private static readonly double[] AwkwardValues =
    [
        double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, double.Epsilon, -double.Epsilon,
        2.2250738585072009e-308, double.MaxValue, double.MinValue, 1, -1, 0.5, 1e308, Math.BitIncrement(1.0),
    ];

    private readonly Random _random = new(seed);

    /// <param name="features">Every third is categorical with 1 to 200 codes.</param>
    /// <param name="chained">Category sets in one order per feature, as our trainers make them, instead of any sets.</param>
    public ForestModel Next(int features, int trees, int depth, bool chained, int members = 1)
    {
        var schema = Schema(features);
        var all = Enumerable.Range(0, members).Select(_ => Member(schema, trees, depth, chained, members)).ToArray();
        var calibration = Calibration.Platt(CalibrationInput.LogOdds, 0.3 + _random.NextDouble(), _random.NextDouble() - 0.5);
        return new ForestModel("random", schema, all, calibration, ForestModel.DefaultBucketEdges, Baseline(schema));
    }

    /// <summary>A model of one tree with exactly so many leaves.</summary>
    public ForestModel WithLeaves(int features, int leaves)
    {
        var schema = Schema(features);
        var builder = new TreeBuilder();
        GrowLeaves(builder, schema, leaves, Orders(schema));
        var member = new ForestMember
        {
            Algorithm = "random",
            Output = MemberOutput.MeanOfLeaves,
            Trees = [builder.Build([.. schema.Features.Select(feature => feature.CategoryCount)])],
        };
        return new ForestModel(
            "random", schema, [member], Calibration.Identity, ForestModel.DefaultBucketEdges, Baseline(schema));
    }

    /// <summary>
    /// Rows with values on, beside and far from the thresholds, codes in and out of range, and missing values.
    /// </summary>
    public double[] Rows(ForestModel model, int count)
    {
        var pools = model.Schema.Features.Select(feature => Pool(model, feature)).ToArray();
        var rows = new double[count * pools.Length];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = pools[i % pools.Length][_random.Next(pools[i % pools.Length].Length)];
        return rows;
    }

    private FeatureSchema Schema(int count)
    {
        var features = new Feature[count];
        for (var i = 0; i < count; i++)
        {
            var spec = new FeatureSpec($"f{i}", $"f{i}", $"f{i}", $"f{i}");
            var isCategorical = i % 3 == 2;
            string[] categories = isCategorical
                ? [Feature.RareName, .. Enumerable.Range(1, _random.Next(0, 200)).Select(code => $"c{code}")]
                : [];
            features[i] = new Feature(
                i, spec, isCategorical ? FeatureKind.Categorical : FeatureKind.Numeric, false, 0, [""], categories);
        }

        return new FeatureSchema("random", features, null);
    }

    private ForestMember Member(FeatureSchema schema, int trees, int depth, bool chained, int members)
    {
        var orders = Orders(schema);
        var isForest = _random.Next(2) == 0;
        return new ForestMember
        {
            Algorithm = "random",
            Output = isForest ? MemberOutput.MeanOfLeaves : MemberOutput.SumOfLeaves,
            BaseScore = isForest ? 0 : _random.NextDouble() - 0.5,
            SinglePrecision = _random.Next(3) == 0,
            Weight = 1.0 / members,
            Calibration = Calibration.Platt(isForest ? CalibrationInput.Probability : CalibrationInput.LogOdds, 1.2, 0.1),
            Trees = [.. Enumerable.Range(0, trees).Select(_ => Tree(schema, depth, chained ? orders : null))],
        };
    }

    private int[][] Orders(FeatureSchema schema) => [.. schema.Features.Select(feature =>
    {
        var order = Enumerable.Range(0, feature.CategoryCount + 1).ToArray();
        _random.Shuffle(order);
        return order;
    })];

    private DecisionTree Tree(FeatureSchema schema, int depth, int[][]? orders)
    {
        var builder = new TreeBuilder();
        Grow(builder, schema, depth, orders);
        return builder.Build([.. schema.Features.Select(feature => feature.CategoryCount)]);
    }

    private void Grow(TreeBuilder builder, FeatureSchema schema, int depth, int[][]? orders)
    {
        if (depth == 0 || _random.Next(6) == 0)
        {
            builder.AddLeaf(_random.NextDouble() - 0.5, _random.Next(1, 50));
            return;
        }

        var node = AddSplit(builder, schema, orders);
        Grow(builder, schema, depth - 1, orders);
        builder.BeginRight(node);
        Grow(builder, schema, depth - 1, orders);
    }

    private void GrowLeaves(TreeBuilder builder, FeatureSchema schema, int leaves, int[][] orders)
    {
        if (leaves == 1)
        {
            builder.AddLeaf(_random.NextDouble() - 0.5, 1);
            return;
        }

        var left = _random.Next(1, leaves);
        var node = AddSplit(builder, schema, orders);
        GrowLeaves(builder, schema, left, orders);
        builder.BeginRight(node);
        GrowLeaves(builder, schema, leaves - left, orders);
    }

    private int AddSplit(TreeBuilder builder, FeatureSchema schema, int[][]? orders)
    {
        var feature = schema.Features[_random.Next(schema.Count)];
        return feature.Kind == FeatureKind.Categorical
            ? AddSetSplit(builder, feature, orders?[feature.Index])
            : builder.AddThresholdSplit(feature.Index, Threshold(), _random.Next(2) == 0, _random.NextDouble());
    }

    private int AddSetSplit(TreeBuilder builder, Feature feature, int[]? order)
    {
        var set = new ulong[(feature.CategoryCount + 63) / 64];
        var missingLeft = _random.Next(2) == 0;
        var cut = _random.Next(feature.CategoryCount + 1);
        for (var code = 0; code < feature.CategoryCount; code++)
        {
            if (order is null ? _random.Next(2) == 0 : order[code] < cut)
                set[code >> 6] |= 1ul << (code & 63);
        }

        return builder.AddSetSplit(feature.Index, set, order is null ? missingLeft : order[^1] < cut, _random.NextDouble());
    }

    private double Threshold() => _random.Next(8) == 0
        ? AwkwardValues[_random.Next(1, AwkwardValues.Length)]
        : Math.Round((_random.NextDouble() - 0.5) * 40) / 4;

    private static double[] Pool(ForestModel model, Feature feature)
    {
        if (feature.Kind == FeatureKind.Categorical)
        {
            var codes = Enumerable.Range(0, feature.CategoryCount).Select(code => (double)code);
            return [double.NaN, -1, 0.5, 1e10, feature.CategoryCount, .. codes];
        }

        var thresholds = model.Members.SelectMany(member => member.Trees)
            .SelectMany(tree => tree.Threshold.Where((_, node) => tree.Feature[node] == feature.Index)).Distinct().Take(100);
        return [.. AwkwardValues, .. thresholds.SelectMany(t => new[] { t, Math.BitIncrement(t), Math.BitDecrement(t) })];
    }

    private static TrainingBaseline Baseline(FeatureSchema schema) => new(
        0, 0, [.. schema.Features.Select(_ => new FeatureBaseline(0, [], [0]))], new long[TrainingBaseline.ScoreBins]);
}
