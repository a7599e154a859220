using StreamScorer.Forests;
using StreamScorer.Tests.Features;

namespace StreamScorer.Tests.Scoring;

/// <summary>Forests that train in milliseconds, one per seed, on the schema that has every kind of feature.</summary>
internal static class SmallModels
{
    public static ForestModel Train(ulong seed)
    {
        var schema = EventSchemas.EveryKind();
        var random = new Random((int)seed);
        const int Rows = 200;
        var rows = new double[Rows * schema.Count];
        var labels = new bool[Rows];
        for (var i = 0; i < Rows; i++)
        {
            var row = rows.AsSpan(i * schema.Count, schema.Count);
            FillRow(schema, random, row);
            labels[i] = row[0] + random.Next(4) > 6;
        }

        var options = new RandomForestOptions { Trees = 5, MaxDepth = 3, Seed = seed, Threads = 1 };
        return RandomForestTrainer.Train("small", schema, rows, labels, options);
    }

    public static void FillRow(FeatureSchema schema, Random random, Span<double> row)
    {
        foreach (var feature in schema.Features)
        {
            row[feature.Index] = random.Next(10) == 0 ? double.NaN : feature.Kind switch
            {
                FeatureKind.Categorical => random.Next(feature.CategoryCount),
                FeatureKind.Boolean => random.Next(2),
                _ => random.Next(10),
            };
        }
    }

    public static double[] Rows(FeatureSchema schema, int count, int seed)
    {
        var random = new Random(seed);
        var rows = new double[count * schema.Count];
        for (var i = 0; i < count; i++)
            FillRow(schema, random, rows.AsSpan(i * schema.Count, schema.Count));
        return rows;
    }

    /// <summary>The probabilities that a model gives these rows, from a scorer of its own.</summary>
    public static double[] Score(ForestModel model, double[] rows)
    {
        var probability = new double[rows.Length / model.Schema.Count];
        model.CreateScorer().Score(rows, new double[probability.Length], probability);
        return probability;
    }
}
