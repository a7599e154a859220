using System.Globalization;
using System.Runtime.Intrinsics;
using StreamScorer.App.Terminal;
using StreamScorer.Forests;
using StreamScorer.Tests.Forests;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// <c>bench scoring</c>: microseconds and bytes per row, one thread, of our scorer, of the slow reference scorer, and of
/// XGBoost (C library, Python) where it is installed; all on the same rows in one run. The rows come one after another, so
/// that no scorer sees the same batch twice in a row.
/// </summary>
internal static class ScoringBenchmark
{
    private static readonly int[] Batches = [1, 55, 1000];

    public static Task<int> RunAsync(string[] args)
    {
        if (args.Length > 0)
        {
            Console.Error.WriteLine("error: bench scoring takes no options");
            return Task.FromResult(2);
        }

        Console.WriteLine(
            $"Vectors: 512 bits {(Vector512.IsHardwareAccelerated ? "yes" : "no")}, 256 bits "
            + $"{(Vector256.IsHardwareAccelerated ? "yes" : "no")}. Times in µs per row, one thread; B/row: bytes allocated.");
        var same = Forest() & Boosting();
        if (!XgboostLibrary.IsPresent)
            Console.WriteLine("XGBoost is not installed here (apt-get install libxgboost0 python3-xgboost): not compared.");
        return Task.FromResult(same ? 0 : 1);
    }

    private static bool Forest()
    {
        var leads = LeadTable.Read();
        var rows = leads.Held.Values;
        var model = RandomForestTrainer.Train(
            "reference", leads.Training.Schema, leads.Training.Values, leads.Training.Labels, new RandomForestOptions());
        var table = NewTable($"Reference forest, 100 trees x depth 10, {model.Schema.Count} features of {leads.Source}");
        var target = new double?[] { 3, 1.5, 1.5 };
        var same = Measure(table, "our forest", model, rows, target);
        same &= Peers(table, leads.Training.Values, leads.Training.Labels, rows, model.Schema.Count, 1, target,
            ("num_parallel_tree", "100"), ("max_depth", "10"), ("learning_rate", "1"), ("subsample", "0.63"),
            ("colsample_bynode", "0.3"), ("min_child_weight", "0.5"), ("lambda", "0"));
        table.WriteTo(StandardOutput.Console);
        return same;
    }

    private static bool Boosting()
    {
        var wide = new WideTable(seed: 7, rows: 20_000, features: 50);
        // So small a step that every fold still improves at the last tree: all 300 are kept.
        var options = new GradientBoostingOptions
        {
            Trees = 300,
            MaxDepth = 6,
            LearningRate = 0.02,
            Folds = 2,
            EarlyStoppingTrees = 300,
        };
        var model = GradientBoostingTrainer.Train("wide", wide.Schema, wide.Rows, wide.Labels, options);
        var table = NewTable($"Boosting, {model.TreeCount} trees x depth 6, {model.Schema.Count} features");
        var target = new double?[] { null, 2.5, 2.5 };
        var same = Measure(table, "our boosting", model, wide.Rows, target);
        same &= Peers(table, wide.Rows, wide.Labels, wide.Rows, 50, 300, target,
            ("max_depth", "6"), ("learning_rate", "0.05"), ("subsample", "0.8"));
        table.WriteTo(StandardOutput.Console);
        return same;
    }

    private static ReportTable NewTable(string title) =>
        new(title, "scorer", "1 at a time", "batch of 55", "batch of 1,000", "B/row", "target");

    private static bool Measure(ReportTable table, string name, ForestModel model, double[] rows, double?[] target)
    {
        var count = rows.Length / model.Schema.Count;
        var scorer = model.CreateScorer();
        var costs = RowCost.OfEach([.. Batches.Select(batch => (batch, Packed(scorer, rows, model.Schema.Count, batch)))]);
        var slow = RowCost.OfEach((1, Reference(model, rows)))[0];
        table.Row(name, Text(costs[0]), Text(costs[1]), Text(costs[2]), Bytes(costs), Verdict(costs, target));
        table.Row("  the slow reference scorer", Text(slow), "", "", Bytes([slow]), "");
        return HasReferenceBits(model, rows[..(Math.Min(count, 2000) * model.Schema.Count)]);
    }

    private static unsafe bool Peers(
        ReportTable table, double[] training, bool[] labels, double[] rows, int features, int rounds, double?[] target,
        params (string Name, string Value)[] settings)
    {
        if (!XgboostLibrary.IsPresent)
            return true;
        using var xgboost = new XgboostModel(ToFloats(training), labels, features, rounds, settings);
        var floats = ToFloats(rows);
        var doubles = Array.ConvertAll(floats, value => (double)value);
        var model = xgboost.Import();
        var same = Measure(table, "XGBoost's trees, our scorer", model, doubles, target);
        fixed (float* pinned = floats)
        {
            var (first, count) = ((nint)pinned, floats.Length / features);
            var costs = RowCost.OfEach([.. Batches.Select(batch => (batch, Native(xgboost, first, count, features, batch)))]);
            table.Row("  XGBoost, C library", Text(costs[0]), Text(costs[1]), Text(costs[2]), Bytes(costs), "");
            same &= HasXgboostBits(model, xgboost, doubles, pinned);
        }

        if (PythonXgboost.IsPresent)
        {
            var times = PythonXgboost.Time(xgboost.ToJson(), floats, features);
            table.Row("  XGBoost, Python", "", Text(times[55]), $"{Text(times[100_000])} (100,000)", "", "");
        }

        return same;
    }

    private static Action Packed(ForestScorer scorer, double[] rows, int stride, int batch)
    {
        var (raw, probability) = (new double[batch], new double[batch]);
        var next = new Turn(rows.Length / stride, batch);
        return () => scorer.Score(rows.AsSpan(next.First() * stride, batch * stride), raw, probability);
    }

    private static Action Reference(ForestModel model, double[] rows)
    {
        var stride = model.Schema.Count;
        var next = new Turn(rows.Length / stride, 1);
        return () => ReferenceScorer.Probability(model, rows.AsSpan(next.First() * stride, stride));
    }

    private static unsafe Action Native(XgboostModel model, nint rows, int count, int stride, int batch)
    {
        var next = new Turn(count, batch);
        return () => model.Score((float*)rows + ((nint)next.First() * stride), batch);
    }

    private static bool HasReferenceBits(ForestModel model, double[] rows)
    {
        var stride = model.Schema.Count;
        var raw = new double[rows.Length / stride];
        model.CreateScorer().Score(rows, raw, new double[raw.Length]);
        var wrong = raw.Where((score, row) => BitConverter.DoubleToInt64Bits(score)
            != BitConverter.DoubleToInt64Bits(ReferenceScorer.Raw(model, rows.AsSpan(row * stride, stride)))).Count();
        return Agrees(wrong, raw.Length, "the reference scorer");
    }

    private static unsafe bool HasXgboostBits(ForestModel model, XgboostModel xgboost, double[] rows, float* floats)
    {
        var stride = model.Schema.Count;
        var raw = new double[Math.Min(2000, rows.Length / stride)];
        model.CreateScorer().Score(rows.AsSpan(0, raw.Length * stride), raw, new double[raw.Length]);
        var theirs = xgboost.Score(floats, raw.Length);
        var wrong = 0;
        for (var row = 0; row < raw.Length; row++)
            wrong += (float)raw[row] == theirs[row] ? 0 : 1;
        return Agrees(wrong, raw.Length, "XGBoost");
    }

    private static bool Agrees(int wrong, int rows, string peer)
    {
        if (wrong > 0)
            Console.Error.WriteLine($"error: {wrong} of {rows} raw scores differ from those of {peer}");
        return wrong == 0;
    }

    private static string Verdict(RowCost[] costs, double?[] target)
    {
        var words = costs.Select((cost, i) => target[i] is not { } most ? "-"
            : string.Create(CultureInfo.InvariantCulture, $"{(cost.Microseconds <= most ? "" : "MISSED ")}<= {most}"));
        return string.Join(", ", words);
    }

    private static string Bytes(RowCost[] costs) => costs.Max(cost => cost.Bytes).ToString("F1", CultureInfo.InvariantCulture);

    private static string Text(RowCost cost) => Text(cost.Microseconds);

    private static string Text(double microseconds) => microseconds.ToString("F2", CultureInfo.InvariantCulture);

    private static float[] ToFloats(double[] values) => Array.ConvertAll(values, value => (float)value);

    /// <summary>Where the next batch begins, round and round through the rows.</summary>
    private sealed class Turn(int rows, int batch)
    {
        private int _next;

        public int First()
        {
            if (_next + batch > rows)
                _next = 0;
            var first = _next;
            _next += batch;
            return first;
        }
    }
}
