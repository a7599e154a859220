using System.Globalization;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Charts;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Training.Learning;

/// <summary>Writes <c>model_card.md</c>: what a model is, how good it is and what to beware of, for people who use it.</summary>
internal static class ModelCard
{
    public static string Write(ModelReport report, IReadOnlyList<ModelChart> charts)
    {
        var card = new StringBuilder();
        WriteHead(card, report);
        WriteQuality(card, report);
        WriteFolds(card, report.CrossValidation);
        WriteCalibration(card, report.Validation);
        WriteFeatures(card, report);
        WriteCharts(card, charts);
        WriteCautions(card, report);
        WriteRepeat(card, report);
        return card.ToString();
    }

    private static void WriteHead(StringBuilder card, ModelReport report)
    {
        var rate = (double)report.Validation.Positives / report.Validation.Rows;
        Line(card, $"# Model card: {report.Model}");
        Line(card, $"");
        Line(card, $"The model gives each lead the probability that `{report.Schema.LabelColumn}` will be");
        Line(card, $"`{report.Schema.PositiveValue}`. It is {Words(report.Algorithm)}, {report.Trees:N0} trees over");
        Line(card, $"{report.Features.Count:N0} features. A lead is hot above {BinaryMetrics.HotThreshold:0.0}.");
        Line(card, $"");
        Line(card, $"| | |");
        Line(card, $"| --- | --- |");
        Line(card, $"| model id (SHA-256 of the file) | `{report.Id}` |");
        Line(card, $"| rows it learned from | {report.Rows.Training:N0} |");
        var split = report.Split == SplitKind.Time ? "the newest fifth" : "a random fifth";
        Line(card, $"| rows it was measured on | {report.Rows.Validation:N0}, {split}; {rate:P1} of them positive |");
        if (report.Rows.Unlabelled > 0) Line(card, $"| rows left out, no label | {report.Rows.Unlabelled:N0} |");
        Line(card, $"");
    }

    private static void WriteQuality(StringBuilder card, ModelReport report)
    {
        var metrics = report.Validation;
        var confusion = metrics.Confusion;
        Line(card, $"## How good it is");
        Line(card, $"");
        Line(card, $"On rows the model had not seen:");
        Line(card, $"");
        Line(card, $"| measure | value | in words |");
        Line(card, $"| --- | --- | --- |");
        Line(card, $"| AUC-ROC | {metrics.AucRoc:F4} | how often a lead that converts scores above one that does not |");
        Line(card, $"| AUC-PR | {metrics.AucPr:F4} | the same for long lists with few positives (average precision) |");
        Line(card, $"| accuracy | {metrics.Accuracy:F4} | share of right answers when 0.5 is the border |");
        Line(card, $"| precision | {metrics.Precision:F4} | of the leads above 0.5, the share that converts |");
        Line(card, $"| recall | {metrics.Recall:F4} | of the leads that convert, the share above 0.5 |");
        Line(card, $"| F1 | {metrics.F1:F4} | the two before in one number |");
        Line(card, $"| log loss | {metrics.LogLoss:F4} | how wrong the probabilities are; 0 is perfect |");
        Line(card, $"| Brier | {metrics.Brier:F4} | their mean squared error; 0 is perfect |");
        Line(card, $"| hot leads | {metrics.HotCoverage:P1} of all | {metrics.HotPrecision:P1} of them convert |");
        Line(card, $"");
        Line(card, $"Right and wrong at 0.5: {confusion.TruePositives:N0} converting leads found,");
        Line(card, $"{confusion.FalseNegatives:N0} missed;");
        Line(card, $"{confusion.TrueNegatives:N0} others left alone, {confusion.FalsePositives:N0} taken for converting.");
        Line(card, $"");
    }

    private static void WriteCalibration(StringBuilder card, BinaryMetrics metrics)
    {
        Line(card, $"## Do the probabilities mean what they say?");
        Line(card, $"");
        Line(card, $"| predicted | rows | mean predicted | came true |");
        Line(card, $"| --- | --- | --- | --- |");
        foreach (var bin in metrics.Calibration.Where(bin => bin.Rows > 0))
            Line(card, $"| {bin.Low:0.0} to {bin.High:0.0} | {bin.Rows:N0} | {bin.MeanProbability:P1} | {bin.ObservedRate:P1} |");
        Line(card, $"");
    }

    private static void WriteFolds(StringBuilder card, CrossValidationResult? result)
    {
        if (result is null) return;
        Line(card, $"Cross-validation over the training rows, {result.Folds.Count} folds, mean ± standard deviation:");
        Line(card, $"");
        Line(card, $"| measure | value |");
        Line(card, $"| --- | --- |");
        Row("AUC-ROC", metrics => metrics.AucRoc);
        Row("AUC-PR", metrics => metrics.AucPr);
        Row("accuracy", metrics => metrics.Accuracy);
        Row("F1", metrics => metrics.F1);
        Row("log loss", metrics => metrics.LogLoss);
        Row("Brier", metrics => metrics.Brier);
        Line(card, $"");

        void Row(string name, Func<BinaryMetrics, double> metric)
        {
            var (mean, deviation) = result.Of(metric);
            Line(card, $"| {name} | {mean:F4} ± {deviation:F4} |");
        }
    }

    private static void WriteFeatures(StringBuilder card, ModelReport report)
    {
        Line(card, $"## What it looks at");
        Line(card, $"");
        Line(card, $"| feature | kind | missing in training | events must carry it | AUC falls without it | gain | AUC alone |");
        Line(card, $"| --- | --- | --- | --- | --- | --- | --- |");
        var features = report.Features.ToDictionary(feature => feature.Name);
        foreach (var importance in report.Importance)
        {
            var feature = features[importance.Feature];
            var kind = feature.Kind == FeatureKind.Categorical
                ? Invariant($"category, {feature.Categories:N0} values")
                : feature.Kind.ToString().ToLowerInvariant();
            var required = feature.Required ? "yes" : "no";
            Append(card, $"| {Cell(feature.Name)} | {kind} | {feature.NullShare:P1} | {required} ");
            Line(card, $"| {importance.PermutationDrop:F4} | {importance.GainShare:P1} | {importance.AloneAuc:F3} |");
        }

        Line(card, $"");
        Line(card, $"\"AUC falls without it\": its values shuffled among the validation rows. \"Gain\": its share of what the");
        Line(card, $"splits gained in training; features with many values look better there than they are.");
        Line(card, $"");
        Line(card, $"A missing value has a place of its own in the trees. A category that was rare in training or never seen is");
        Line(card, $"treated as \"rare\".");
        Line(card, $"");
    }

    private static void WriteCharts(StringBuilder card, IReadOnlyList<ModelChart> charts)
    {
        if (charts.Count == 0) return;
        Line(card, $"## Pictures");
        Line(card, $"");
        foreach (var chart in charts)
        {
            Line(card, $"![{chart.Caption}]({chart.File})");
            Line(card, $"");
            Line(card, $"{chart.Caption}");
            Line(card, $"");
        }
    }

    private static void WriteCautions(StringBuilder card, ModelReport report)
    {
        Line(card, $"## What to beware of");
        Line(card, $"");
        var leaks = report.Features.Any(feature => feature.Name == LeadScoringSchema.LeakingFeature);
        if (leaks)
        {
            Line(card, $"- **`{LeadScoringSchema.LeakingFeature}` leaks the outcome.** Sales staff fill it in after they have");
            Line(card, $"  spoken to the lead (\"Will revert after reading the email\", \"Closed by Horizzon\"), so part of what");
            Line(card, $"  the model predicts has already happened. The figures above are too good for leads nobody has");
            Line(card, $"  contacted yet. For those, train without it: `--exclude {LeadScoringSchema.LeakingFeature}`.");
        }

        // What was found by measuring and is known already need not be told twice.
        var told = leaks ? $"`{LeadScoringSchema.LeakingFeature}`" : null;
        foreach (var warning in report.Warnings)
            if (told is null || !warning.Contains(told, StringComparison.Ordinal))
                Line(card, $"- {warning}");
        if (report.Split == SplitKind.Random)
        {
            Line(card, $"- Training and validation rows were dealt at random, from the same period. Leads of a later period may");
            Line(card, $"  behave differently; `--split time` shows by how much.");
        }

        Line(card, $"- The model knows what went together in the past. It does not know what causes a lead to convert.");
        Line(card, $"");
    }

    private static void WriteRepeat(StringBuilder card, ModelReport report)
    {
        Line(card, $"## To get the same model again");
        Line(card, $"");
        Line(card, $"The same rows, settings and seed ({report.Seed}) give the same file, bit for bit, and so the same id.");
    }

    private static string Words(string algorithm) => algorithm switch
    {
        RandomForestTrainer.AlgorithmName => "a random forest",
        GradientBoostingTrainer.AlgorithmName => "gradient boosting",
        "ensemble" => "a random forest and gradient boosting averaged",
        _ => algorithm,
    };

    /// <summary>A name may hold what would end a table cell.</summary>
    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Append(StringBuilder card, FormattableString text) => card.Append(Invariant(text));

    private static void Line(StringBuilder card, FormattableString text) => card.Append(Invariant(text)).Append('\n');
}
