using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Tests.Forests;

/// <summary>
/// A seeded table of every feature kind, with nulls and rare categories, whose label depends on three features.
/// </summary>
internal sealed class SyntheticLeads
{
    public SyntheticLeads(int seed, int rows, int categories = 12)
    {
        var random = new Random(seed);
        var columns = Enumerable.Range(0, 6).Select(_ => new string?[rows]).ToArray();
        Labels = new bool[rows];
        for (var row = 0; row < rows; row++)
        {
            var visits = random.Next(0, 20);
            var minutes = Math.Exp(random.NextDouble() * 6);
            var channel = (int)(categories * random.NextDouble() * random.NextDouble());
            var optIn = random.Next(2) == 0;
            columns[0][row] = random.Next(10) == 0 ? "" : visits.ToString(CultureInfo.InvariantCulture);
            columns[1][row] = minutes.ToString("F3", CultureInfo.InvariantCulture);
            columns[2][row] = random.Next(8) == 0 ? "Select" : $"channel {channel}";
            columns[3][row] = optIn ? "true" : "false";
            columns[4][row] = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(-random.Next(5000))
                .ToString("O", CultureInfo.InvariantCulture);
            columns[5][row] = "2024-01-02T00:00:00Z";
            var logit = (Math.Log(minutes) * 0.8) - 3 + (channel % 3) + (optIn ? 0.5 : 0);
            Labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-logit));
        }

        Table = new RawTable(["visits", "minutes", "channel", "opt in", "registered", "occurred"], columns);
        Schema = FeatureSchema.Fit("synthetic", Specs, Table, new SchemaFitOptions { EventTimeColumn = "occurred" });
        Rows = Schema.Encode(Table);
    }

    public static IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        new("Visits", "visits", "visits", "visits") { BucketEdges = [1, 3, 5, 10] },
        new("Minutes", "minutes", "minutes", "minutes"),
        new("Channel", "channel", "channel", "channel"),
        new("OptIn", "opt in", "optIn", "opt_in"),
        new("Age", "registered", "registered", "registered", FeatureKind.Timestamp),
    ];

    public RawTable Table { get; }

    public bool[] Labels { get; }

    public FeatureSchema Schema { get; }

    public double[] Rows { get; }

    public ForestModel TrainForest(int trees = 20, int depth = 6, ulong seed = 42, int threads = 2) =>
        RandomForestTrainer.Train(
            "synthetic", Schema, Rows, Labels,
            new RandomForestOptions { Trees = trees, MaxDepth = depth, Seed = seed, Threads = threads });
}
