using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// A seeded table of any size and width: numbers of many scales, categories and booleans, 8 % missing, a label that depends
/// on a dozen of them through thresholds, categories and one interaction. The rows are made encoded, so that a million of
/// them need no text.
/// </summary>
internal sealed class WideTable
{
    private const int Categories = 12;
    private const int SchemaRows = 3000;
    private const double MissingShare = 0.08;

    private readonly double[] _weights;

    public WideTable(int seed, int rows, int features)
    {
        var random = new Random(seed);
        _weights = [.. Enumerable.Range(0, features).Select(i => i < 12 ? (random.NextDouble() * 2) - 1 : 0)];
        Schema = FitSchema(new Random(seed + 1), features);
        Rows = new double[rows * features];
        Labels = new bool[rows];
        for (var row = 0; row < rows; row++)
            Labels[row] = Fill(Rows.AsSpan(row * features, features), random);
    }

    public FeatureSchema Schema { get; }

    public double[] Rows { get; }

    public bool[] Labels { get; }

    /// <summary>A cell as an event has it.</summary>
    public string Json(int row, int feature)
    {
        var value = Rows[(row * Schema.Count) + feature];
        if (double.IsNaN(value))
            return "null";
        var cell = Cell(feature, value);
        return KindOf(feature) == FeatureKind.Categorical ? $"\"{cell}\"" : cell!;
    }

    private bool Fill(Span<double> row, Random random)
    {
        var logit = -0.5;
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = random.NextDouble() < MissingShare ? double.NaN : Value(i, random);
            logit += _weights[i] * Effect(i, row[i]);
        }

        if (row.Length > 4)
            logit += Effect(0, row[0]) * Effect(3, row[3]);
        return random.NextDouble() < 1 / (1 + Math.Exp(-logit));
    }

    private static FeatureKind KindOf(int feature) => (feature % 10) switch
    {
        2 or 5 or 8 => FeatureKind.Categorical,
        9 => FeatureKind.Boolean,
        _ => FeatureKind.Numeric,
    };

    // Codes 1 to Categories: the rare bucket stays empty, as in a table without rare categories.
    private static double Value(int feature, Random random) => KindOf(feature) switch
    {
        FeatureKind.Categorical => 1 + (int)(Categories * random.NextDouble() * random.NextDouble()),
        FeatureKind.Boolean => random.Next(2),
        _ => Math.Round(Math.Exp(random.NextDouble() * 6) * Math.Pow(10, feature % 3), 2),
    };

    private static double Effect(int feature, double value)
    {
        if (double.IsNaN(value))
            return 0.2;
        return KindOf(feature) switch
        {
            FeatureKind.Categorical => ((int)value * 7 % 5) - 2,
            FeatureKind.Boolean => value - 0.5,
            _ => Math.Sin(Math.Log(1 + value)) * 1.5,
        };
    }

    private static FeatureSchema FitSchema(Random random, int features)
    {
        var names = Enumerable.Range(0, features).Select(i => $"f{i}").ToArray();
        var columns = names.Select((_, i) => Enumerable.Range(0, SchemaRows)
            .Select(row => Cell(i, row < Categories ? row + 1 : Value(i, random))).ToArray()).ToArray();
        var specs = names.Select((name, i) => new FeatureSpec(name, name, name, name, KindOf(i)));
        return FeatureSchema.Fit("wide", [.. specs], new RawTable(names, columns), new SchemaFitOptions { MinCategoryRows = 1 });
    }

    // Letters in code order, since codes go by the order of the texts.
    private static string? Cell(int feature, double value) => KindOf(feature) switch
    {
        FeatureKind.Categorical => ((char)('a' + (int)value - 1)).ToString(),
        FeatureKind.Boolean => (int)value % 2 == 1 ? "true" : "false",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
