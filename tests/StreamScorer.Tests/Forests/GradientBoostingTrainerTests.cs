using System.Globalization;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class GradientBoostingTrainerTests
{
    private static readonly SyntheticLeads Leads = new(13, 3000);

    private static ForestModel Train(GradientBoostingOptions options) =>
        GradientBoostingTrainer.Train("boosted", Leads.Schema, Leads.Rows, Leads.Labels, options);

    private static double[] Probabilities(ForestModel model, double[] rows)
    {
        var probability = new double[rows.Length / model.Schema.Count];
        model.CreateScorer().Score(rows, new double[probability.Length], probability);
        return probability;
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_whatever_the_thread_count()
    {
        var options = new GradientBoostingOptions { Trees = 40, Bags = 2, Threads = 1 };
        var one = Train(options);
        Assert.Equal(one.Id, Train(options with { Threads = 3 }).Id);
        Assert.NotEqual(one.Id, Train(options with { Seed = 7 }).Id);
    }

    [Fact]
    public void Histograms_built_by_several_threads_give_the_same_trees()
    {
        // Enough rows for the grower to share the work out.
        var many = new SyntheticLeads(14, 100_000);
        var options = new GradientBoostingOptions { Trees = 3, MaxDepth = 3, Folds = 2 };
        var one = GradientBoostingTrainer.Train("b", many.Schema, many.Rows, many.Labels, options with { Threads = 1 });
        var two = GradientBoostingTrainer.Train("b", many.Schema, many.Rows, many.Labels, options with { Threads = 2 });
        Assert.Equal(one.Id, two.Id);
    }

    [Fact]
    public void It_stops_early_and_ranks_fresh_leads_well()
    {
        var model = Train(new GradientBoostingOptions { Trees = 2000, LearningRate = 0.2, EarlyStoppingTrees = 20 });
        Assert.InRange(model.TreeCount, 5, 400);
        var fresh = new SyntheticLeads(14, 2000);
        var metrics = BinaryMetrics.Compute(Probabilities(model, Leads.Schema.Encode(fresh.Table)), fresh.Labels);
        Assert.True(metrics.AucRoc > 0.78, $"AUC {metrics.AucRoc}");
        Assert.True(metrics.CalibrationError < 0.05, $"calibration error {metrics.CalibrationError}");
    }

    [Fact]
    public void Trees_grow_deeper_only_where_rows_kept_aside_are_predicted_better()
    {
        // Every cell of a grid of six by six by six by six has a rate of its own: nothing that four splits could tell.
        var random = new Random(3);
        var rates = Enumerable.Range(0, 6 * 6 * 6 * 6).Select(_ => random.Next(2) == 0 ? 0.1 : 0.9).ToArray();
        var cells = Enumerable.Range(0, 20_000).Select(_ => random.Next(rates.Length)).ToArray();
        string[] names = ["a", "b", "c", "d"];
        var table = new RawTable(names, [.. names.Select((_, axis) => Array.ConvertAll(
            cells, cell => (string?)((int)(cell / Math.Pow(6, axis)) % 6).ToString(CultureInfo.InvariantCulture)))]);
        var schema = FeatureSchema.Fit("grid", [.. names.Select(name => new FeatureSpec(name, name, name, name))], table);
        var labels = Array.ConvertAll(cells, cell => random.NextDouble() < rates[cell]);
        var options = new GradientBoostingOptions { Trees = 60, ColumnSample = 1, Folds = 2 };

        var grid = GradientBoostingTrainer.Train("grid", schema, schema.Encode(table), labels, options);

        Assert.Equal(8, Depth(grid));
        Assert.Equal(4, Depth(Train(new GradientBoostingOptions { Folds = 2 })));
        Assert.Equal(3, Depth(Train(new GradientBoostingOptions { Trees = 60, MaxDepth = 3 })));

        static int Depth(ForestModel model) => model.Members[0].Trees.Max(tree => tree.Depth);
    }

    [Theory]
    [InlineData(Monotone.Increasing)]
    [InlineData(Monotone.Decreasing)]
    public void A_monotone_constraint_holds_everywhere(Monotone direction)
    {
        var model = Train(new GradientBoostingOptions
        {
            Trees = 60,
            MonotoneConstraints = new Dictionary<string, Monotone> { ["Age"] = direction },
        });
        var scorer = model.CreateScorer();
        var (raw, probability) = (new double[1], new double[1]);
        for (var row = 0; row < 100; row++)
        {
            var one = Leads.Rows.AsSpan(row * 5, 5).ToArray();
            var last = double.NaN;
            for (var age = -10; age < 250; age += 5)
            {
                one[4] = age;
                scorer.Score(one, raw, probability);
                Assert.False((raw[0] - last) * (int)direction < 0, $"row {row}, age {age}: {last} then {raw[0]}");
                last = raw[0];
            }
        }
    }

    [Fact]
    public void Wrong_settings_and_constraints_are_named()
    {
        AssertFault("LearningRate is 2", new GradientBoostingOptions { LearningRate = 2 });
        var constraints = new Dictionary<string, Monotone> { ["Channel"] = Monotone.Increasing };
        AssertFault("'Channel'", new GradientBoostingOptions { MonotoneConstraints = constraints });
    }

    [Fact]
    public void An_ensemble_round_trips_and_mixes_both_members()
    {
        var options = new EnsembleOptions
        {
            Forest = new RandomForestOptions { Trees = 20 },
            Boosting = new GradientBoostingOptions { Trees = 30, Bags = 2 },
        };
        var model = EnsembleTrainer.Train("both", Leads.Schema, Leads.Rows, Leads.Labels, options);
        Assert.Equal("ensemble", model.Algorithm);
        Assert.Equal(2, model.MemberCount);
        Assert.Equal(1, model.Members.Sum(member => member.Weight), 12);
        var loaded = ForestModel.Load(model.ToBytes(), "memory");
        Assert.Equal(model.Id, loaded.Id);
        Assert.Equal(Probabilities(model, Leads.Rows), Probabilities(loaded, Leads.Rows));
    }

    private static void AssertFault(string part, GradientBoostingOptions options) =>
        Assert.Contains(part, Assert.Throws<ForestException>(() => Train(options)).Message, StringComparison.Ordinal);
}
