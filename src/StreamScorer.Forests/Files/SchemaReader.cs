namespace StreamScorer.Forests;

/// <summary>Reads the schema section of a model file, with the checks that fitting a schema makes.</summary>
internal static class SchemaReader
{
    public static FeatureSchema Read(ref ByteReader reader)
    {
        var name = reader.Text();
        var eventTimeColumn = reader.Text();
        var features = new Feature[reader.Number("the number of features", 1, FeatureSchema.MostFeatures)];
        for (var i = 0; i < features.Length; i++)
            features[i] = ReadFeature(ref reader, i);
        CheckDistinct(ref reader, features, feature => feature.Name);
        CheckDistinct(ref reader, features, feature => feature.StreamName);
        CheckDistinct(ref reader, features, feature => feature.ApiName);
        return new FeatureSchema(name, features, eventTimeColumn.Length == 0 ? null : eventTimeColumn);
    }

    private static Feature ReadFeature(ref ByteReader reader, int index)
    {
        var spec = new FeatureSpec(reader.Text(), reader.Text(), reader.Text(), reader.Text());
        var kind = (FeatureKind)reader.Number("a feature's kind", 0, (int)FeatureKind.Timestamp);
        var required = reader.Flag();
        var imputed = reader.Finite("an imputed value");
        var nullTokens = reader.Texts();
        var categories = reader.Texts();
        var edges = reader.Doubles();
        var isCategorical = kind == FeatureKind.Categorical;
        if (isCategorical != categories.Length > 0 || categories.Length > FeatureSchema.MostCategories)
            throw reader.Fault($"feature '{spec.Name}' is {kind} with {categories.Length} categories");
        if (isCategorical && imputed != DecisionTree.CategoryCode(imputed, categories.Length))
            throw reader.Fault($"feature '{spec.Name}' imputes a category it does not have");
        if (HasRepeats(nullTokens) || HasRepeats(categories))
            throw reader.Fault($"feature '{spec.Name}' has a category or null token twice");
        for (var i = 0; i < edges.Length; i++)
        {
            if (!double.IsFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1]))
                throw reader.Fault($"the bucket edges of feature '{spec.Name}' do not ascend");
        }

        return new Feature(index, spec with { BucketEdges = edges }, kind, required, imputed, nullTokens, categories);
    }

    private static void CheckDistinct(ref ByteReader reader, Feature[] features, Func<Feature, string> of)
    {
        if (HasRepeats(Array.ConvertAll(features, feature => of(feature))))
            throw reader.Fault("two features share a name");
    }

    private static bool HasRepeats(string[] texts) => texts.Distinct(StringComparer.Ordinal).Count() != texts.Length;
}
