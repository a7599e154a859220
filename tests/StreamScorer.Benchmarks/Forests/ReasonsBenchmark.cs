using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// <c>bench reasons</c>: what explaining a row costs beside scoring it, on the reference forest and on boosting, one thread.
/// Exit code 1 when contributions and baseline do not add up to the raw score.
/// </summary>
internal static class ReasonsBenchmark
{
    private const double MostSumError = 1e-9;
    private const int Batch = 64;
    private const double MostRatio = 2;
    private const double LeastShapRows = 5000;

    public static Task<int> RunAsync(string[] args)
    {
        if (args.Length > 0)
        {
            Console.Error.WriteLine("error: bench reasons takes no options");
            return Task.FromResult(2);
        }

        var leads = LeadTable.Read();
        var (training, held) = (leads.Training, leads.Held);
        var forest = RandomForestTrainer.Train("reference", training.Schema, training.Values, training.Labels, new());
        var boosting = GradientBoostingTrainer.Train("boosting", training.Schema, training.Values, training.Labels, new());
        Console.WriteLine($"{leads.Source}; one thread");
        var table = new ReportTable(
            "Reasons", "model", "scoring µs/row", "contributions µs/row", "ratio",
            "TreeSHAP µs, one row", "in batches of 64", "rows/s", "target");
        var right = Measure(table, "reference forest, 100 trees x depth 10", forest, held.Values);
        right &= Measure(table, $"boosting, {boosting.TreeCount} trees x depth 4", boosting, held.Values);
        table.WriteTo(StandardOutput.Console);
        return Task.FromResult(right ? 0 : 1);
    }

    private static bool Measure(ReportTable table, string name, ForestModel model, double[] rows)
    {
        var stride = model.Schema.Count;
        var count = rows.Length / stride;
        var scorer = model.CreateScorer();
        var contributions = new double[stride];
        var (raw, probability) = (new double[1], new double[1]);
        var batchContributions = new double[Batch * stride];
        var (scored, explained, exact, batches) = (0, 0, 0, 0);
        var costs = RowCost.OfEach(
            (1, () => scorer.Score(Row(scored++), raw, probability)),
            (1, () => scorer.Contributions(Row(explained++), contributions, out _)),
            (1, () => scorer.ShapleyValues(Row(exact++), contributions, out _)),
            (Batch, () => scorer.ShapleyValues(
                rows.AsSpan(batches++ % (count / Batch) * Batch * stride, Batch * stride), batchContributions, out _)));
        var ratio = costs[1].Microseconds / costs[0].Microseconds;
        var shapRows = 1e6 / costs[3].Microseconds;
        var verdict = $"{Missed(ratio <= MostRatio)}<= {MostRatio}x, {Missed(shapRows >= LeastShapRows)}>= {LeastShapRows:N0} rows/s";
        table.Row(name, Text(costs[0]), Text(costs[1]), ratio.ToString("F2", CultureInfo.InvariantCulture),
            Text(costs[2]), Text(costs[3]), (long)shapRows, verdict);
        return AddsUp(exact: false) & AddsUp(exact: true);

        ReadOnlySpan<double> Row(int number) => rows.AsSpan(number % count * stride, stride);

        bool AddsUp(bool exact)
        {
            var worst = 0.0;
            for (var row = 0; row < Math.Min(count, 1000); row++)
            {
                scorer.Score(Row(row), raw, probability);
                double baseline;
                if (exact)
                    scorer.ShapleyValues(Row(row), contributions, out baseline);
                else
                    scorer.Contributions(Row(row), contributions, out baseline);
                worst = Math.Max(worst, Math.Abs(baseline + contributions.Sum() - raw[0]));
            }

            if (worst > MostSumError)
                Console.Error.WriteLine($"error: {name}: reasons miss the raw score by {worst:R}");
            return worst <= MostSumError;
        }
    }

    private static string Missed(bool holds) => holds ? "" : "MISSED ";

    private static string Text(RowCost cost) => cost.Microseconds.ToString("F2", CultureInfo.InvariantCulture);
}
