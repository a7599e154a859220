using System.Diagnostics;
using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Forests;
using StreamScorer.Tests;
using StreamScorer.Tests.Forests;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// <c>bench quality</c>: our default settings on the ten recorded 70/30 splits of the public lead table and its three feature
/// sets, paired split by split with the tuned XGBoost and the scikit-learn forest recorded there. A model sees a hold-out
/// once, after everything about it has been decided on the other rows. Exit code 1 when a criterion does not hold.
/// </summary>
internal static class QualityBenchmark
{
    // How much worse than the recorded peer a mean may be.
    private const double AucSlack = 0.001;
    private const double LogLossSlack = 0.003;

    // The reference forest with Tags; a forest that is not calibrated has 0.26.
    private const double ForestLogLoss = 0.21;
    private const string WithTags = "reference_with_tags";

    private static readonly string[] FeatureSets =
        [WithTags, "reference_without_tags", "all_but_ids_tags_quality_profile"];

    public static Task<int> RunAsync(string[] args)
    {
        if (args.Length > 0 || !File.Exists(RepositoryFolder.SharedData("splits.json")))
        {
            Console.Error.WriteLine(args.Length > 0
                ? "error: bench quality takes no options"
                : "error: there is no data/splits.json in ../shared or in the folder STREAMSCORER_SHARED names");
            return Task.FromResult(2);
        }

        var splits = new LeadScoringSplits();
        var table = new ReportTable(
            "Mean over ten splits; ± is the standard error of the paired difference",
            "features", "model", "AUC", "peer's", "difference", "log loss", "peer's", "difference");
        List<(string Criterion, bool Holds)> criteria = [];
        var better = false;
        foreach (var set in FeatureSets)
        {
            var boosted = Compare(splits, set, "ensemble", "xgboost", 1, table, Ensemble);
            criteria.Add(($"{set}: ensemble's AUC >= tuned XGBoost's - {AucSlack}", boosted.Auc >= -AucSlack));
            criteria.Add(($"{set}: its log loss <= tuned XGBoost's + {LogLossSlack}", boosted.LogLoss <= LogLossSlack));
            better |= boosted.Auc > 0 && boosted.LogLoss < 0;
            var forest = Compare(splits, set, "forest", "random_forest", 0.8, table, Forest);
            criteria.Add(($"{set}: forest's AUC >= recorded forest's - {AucSlack}", forest.Auc >= -AucSlack));
            if (set == WithTags)
                criteria.Add(($"{set}: forest's log loss <= {ForestLogLoss}", forest.OwnLogLoss <= ForestLogLoss));
        }

        criteria.Add(("on one feature set at least the ensemble has both the higher AUC and the lower log loss", better));
        table.WriteTo(StandardOutput.Console);
        foreach (var (criterion, holds) in criteria)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(holds ? "holds  " : "FAILS  ")}{criterion}"));
        return Task.FromResult(criteria.TrueForAll(each => each.Holds) ? 0 : 1);
    }

    private static (double Auc, double LogLoss, double OwnLogLoss) Compare(
        LeadScoringSplits splits, string set, string name, string peer, double share, ReportTable table,
        Func<FeatureSchema, double[], bool[], ForestModel> train)
    {
        var start = Stopwatch.GetTimestamp();
        var auc = new PairedFigures();
        var logLoss = new PairedFigures();
        foreach (var seed in splits.Seeds)
        {
            var metrics = splits.Measure(seed, set, train, share);
            auc.Add(metrics.AucRoc, splits.Recorded(seed, set, peer, "auc"));
            logLoss.Add(metrics.LogLoss, splits.Recorded(seed, set, peer, "log_loss"));
        }

        Console.Error.WriteLine($"{set}, {name}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        table.Row(set, $"{name} / {peer}", auc.Own, auc.Peer, auc.Difference, logLoss.Own, logLoss.Peer, logLoss.Difference);
        return (auc.Mean, logLoss.Mean, logLoss.Own);
    }

    private static ForestModel Ensemble(FeatureSchema schema, double[] rows, bool[] labels) =>
        EnsembleTrainer.Train("quality", schema, rows, labels, new EnsembleOptions());

    private static ForestModel Forest(FeatureSchema schema, double[] rows, bool[] labels) =>
        RandomForestTrainer.Train("quality", schema, rows, labels, new RandomForestOptions());
}
