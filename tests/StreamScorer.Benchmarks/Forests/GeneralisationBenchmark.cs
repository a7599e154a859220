using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using StreamScorer.App.Terminal;
using StreamScorer.Forests;
using StreamScorer.Training.Learning;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// <c>bench generalise</c>: our default settings beside an XGBoost tuned on the same training rows, both measured on the same
/// 30 % held out, on tables that nothing here was tuned on: made ones (<see cref="MarketingTables"/>), or any table given with
/// <c>--csv FILE --label COLUMN</c>. Exit code 1 when the ensemble's AUC is behind by more than 0.003 on one of them.
/// </summary>
internal static class GeneralisationBenchmark
{
    private const double MostBehind = 0.003;
    private const string XgboostScript = "xgboost_tuned.py";

    private static readonly Algorithm[] Algorithms = [Algorithm.RandomForest, Algorithm.GradientBoosting, Algorithm.Ensemble];

    public static Task<int> RunAsync(string[] args)
    {
        var csv = new Option<string?>("--csv") { Description = "A table of yours instead of the made ones.", HelpName = "FILE" };
        var label = new Option<string?>("--label") { Description = "Its label column.", HelpName = "COLUMN" };
        var positive = new Option<string?>("--positive") { Description = "The label's value that means yes.", HelpName = "VALUE" };
        var exclude = new Option<string?>("--exclude") { Description = "Columns that leak the outcome or name a row.", HelpName = "A,B" };
        var seed = new Option<int>("--seed") { Description = "Deals the rows.", DefaultValueFactory = _ => 1 };
        var trials = new Option<int>("--trials") { Description = "Settings tried for XGBoost.", DefaultValueFactory = _ => 16 };
        var command = new RootCommand("Compare default settings with a tuned XGBoost on tables that nothing was tuned on.")
        {
            csv, label, positive, exclude, seed, trials,
        };
        command.SetAction(parsed => Run(
            new TrainingRequest
            {
                Data = parsed.GetValue(csv) ?? "",
                Output = "",
                Label = parsed.GetValue(label) ?? MarketingTables.Label,
                Positive = parsed.GetValue(positive),
                Exclude = parsed.GetValue(exclude)?.Split(',') ?? [],
            },
            parsed.GetValue(seed), parsed.GetValue(trials)));
        return command.Parse(args).InvokeAsync();
    }

    private static int Run(TrainingRequest request, int seed, int trials)
    {
        var report = new ReportTable(
            $"AUC on 30 % held out, seed {seed}; ours with default settings, XGBoost the best of {trials} settings by chance",
            "table", "rows", "positive", "forest", "boosting", "ensemble", "XGBoost", "ensemble - XGBoost");
        var folder = Directory.CreateTempSubdirectory("streamscorer-bench-").FullName;
        var worst = double.PositiveInfinity;
        try
        {
            if (request.Data.Length > 0)
                worst = Compare(Path.GetFileName(request.Data), request, folder, seed, trials, report);
            else
            {
                foreach (var (name, write) in MarketingTables.All)
                {
                    var file = Path.Combine(folder, "table.csv");
                    File.WriteAllText(file, write());
                    worst = Math.Min(worst, Compare(name, request with { Data = file }, folder, seed, trials, report));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        report.WriteTo(StandardOutput.Console);
        if (!PythonXgboost.IsPresent)
            Console.WriteLine("XGBoost is not installed here (apt-get install python3-xgboost): not compared.");
        return worst >= -MostBehind ? 0 : 1;
    }

    private static double Compare(string name, TrainingRequest request, string folder, int seed, int trials, ReportTable report)
    {
        var table = LabelledTable.Read(request, null, default);
        var rows = Enumerable.Range(0, table.Labels.Length).ToArray();
        new Random(seed).Shuffle(rows);
        var cut = rows.Length * 7 / 10;
        var (training, held) = table.Encode(rows[..cut], rows[cut..]);
        var ours = Array.ConvertAll(Algorithms, algorithm => Auc(Ours(algorithm, training).CreateScorer(), held));
        double? theirs = PythonXgboost.IsPresent ? Theirs(training, held, folder, trials) : null;
        var difference = ours[^1] - theirs;
        var signed = difference?.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);
        var positive = ReportTable.Percent(table.Labels.Count(label => label) / (double)rows.Length);
        report.Row(name, rows.Length, positive, ours[0], ours[1], ours[2], theirs, signed);
        // A long run that is stopped has shown what it found so far.
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: ensemble {ours[^1]:F4}, XGBoost {theirs:F4}, difference {signed}"));
        return difference ?? 0;
    }

    private static ForestModel Ours(Algorithm algorithm, LearningRows training) =>
        AlgorithmRun.Train(algorithm, "generalise", training, new AlgorithmSettings(), seed: 42);

    private static double Auc(ForestScorer scorer, LearningRows held)
    {
        var (raw, probability) = (new double[held.Count], new double[held.Count]);
        scorer.Score(held.Values, raw, probability);
        return BinaryMetrics.Compute(probability, held.Labels).AucRoc;
    }

    // Through files: the rows as our schema encodes them (a category as its number), and the labels of the training rows only.
    private static double Theirs(LearningRows training, LearningRows held, string folder, int trials)
    {
        Write("train.f32", MemoryMarshal.AsBytes<float>(Array.ConvertAll(training.Values, value => (float)value)));
        Write("train.u8", Array.ConvertAll(training.Labels, label => (byte)(label ? 1 : 0)));
        Write("held.f32", MemoryMarshal.AsBytes<float>(Array.ConvertAll(held.Values, value => (float)value)));
        var categorical = training.Schema.Features
            .Where(feature => feature.Kind == FeatureKind.Categorical).Select(feature => feature.Index);
        var said = PythonXgboost.Run(
            XgboostScript, folder, Text(training.Schema.Count), string.Join(',', categorical.Select(Text)), Text(trials));
        Console.Error.WriteLine("XGBoost's best: " + said[^1]);
        var probability = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, "held.f64"))).ToArray();
        return BinaryMetrics.Compute(probability, held.Labels).AucRoc;

        void Write(string file, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Path.Combine(folder, file), bytes);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
