namespace StreamScorer.Forests;

/// <summary>
/// Reads one tree of a model file. Pre-order without indices cannot express a cycle or a node with two parents; what is
/// left to check are counts, depth, features, sets and numbers.
/// </summary>
internal static class TreeReader
{
    // A leaf is a mark and two doubles; a split has a leaf's worth of bytes too.
    private const int LeastNodeBytes = 17;

    public static DecisionTree Read(ref ByteReader reader, FeatureSchema schema)
    {
        var count = reader.Count("the number of nodes", LeastNodeBytes);
        var builder = new TreeBuilder();
        var openSplits = new Stack<int>();
        var expected = 1;
        for (var node = 0; node < count; node++)
        {
            if (expected == 0)
                throw reader.Fault($"a tree is complete after {node} of {count} nodes");
            expected--;
            var mark = (NodeMark)reader.Byte();
            if (mark == NodeMark.Leaf)
            {
                ReadLeaf(ref reader, builder);
                if (openSplits.TryPop(out var parent))
                    builder.BeginRight(parent);
            }
            else
            {
                openSplits.Push(ReadSplit(ref reader, builder, schema, mark));
                expected += 2;
            }
        }

        if (count == 0 || expected > 0)
            throw reader.Fault($"a tree of {count} nodes is incomplete");
        var tree = builder.Build([.. schema.Features.Select(feature => feature.CategoryCount)]);
        return tree.Depth <= ModelFile.MostDepth ? tree : throw reader.Fault($"a tree is {tree.Depth} deep");
    }

    private static void ReadLeaf(ref ByteReader reader, TreeBuilder builder)
    {
        var value = reader.Finite("a leaf's value");
        var cover = reader.Finite("a leaf's cover");
        if (cover < 0)
            throw reader.Fault("a leaf's cover is negative");
        builder.AddLeaf(value, cover);
    }

    private static int ReadSplit(ref ByteReader reader, TreeBuilder builder, FeatureSchema schema, NodeMark mark)
    {
        var missingLeft = (mark & NodeMark.MissingLeft) != 0;
        var kind = mark & ~NodeMark.MissingLeft;
        var feature = schema.Features[reader.Number("a split's feature", 0, schema.Count - 1)];
        var gain = reader.Finite("a split's gain");
        if (kind == NodeMark.Threshold && feature.Kind != FeatureKind.Categorical)
        {
            var threshold = reader.Double();
            return double.IsNaN(threshold)
                ? throw reader.Fault("a threshold is NaN")
                : builder.AddThresholdSplit(feature.Index, threshold, missingLeft, gain);
        }

        if (kind != NodeMark.Set || feature.Kind != FeatureKind.Categorical)
            throw reader.Fault($"node mark {(int)mark} does not fit the {feature.Kind} feature '{feature.Name}'");
        var words = new ulong[(feature.CategoryCount + 63) / 64];
        for (var i = 0; i < words.Length; i++)
            words[i] = reader.Fixed64();
        return builder.AddSetSplit(feature.Index, words, missingLeft, gain);
    }
}
