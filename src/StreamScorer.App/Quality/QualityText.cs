using System.Globalization;
using Spectre.Console;
using StreamScorer.App.Terminal;
using StreamScorer.Telemetry.Outcomes;

namespace StreamScorer.App.Quality;

/// <summary>Model quality for people: what came true beside what the scores promised, conversion by tier, calibration.</summary>
internal static class QualityText
{
    public static void Write(TimeSpan window, OutcomeCounts counts, IReadOnlyList<ModelQuality> models, IAnsiConsole console)
    {
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Outcomes of the last {window.TotalDays:0.##} days: {counts.Scored:N0} with their score, {counts.Open:N0} waiting for it, "
            + $"{counts.NeverScored:N0} of leads never scored, {counts.Rejected:N0} records rejected."));
        foreach (var model in models)
            Write(model, console);
    }

    private static void Write(ModelQuality model, IAnsiConsole console)
    {
        var (realised, expected) = (model.Realised, model.Expected);
        var id = model.ModelId[..Math.Min(12, model.ModelId.Length)];
        new ReportTable($"Model {model.ModelName} {id}, {realised.Rows:N0} outcomes", "measure", "came true", "scores promised")
            .Row("conversion rate", ReportTable.Percent((double)realised.Positives / realised.Rows), ReportTable.Percent(expected.ConversionRate))
            .Row("AUC-ROC", realised.AucRoc, expected.AucRoc)
            .Row("log loss", realised.LogLoss, expected.LogLoss)
            .Row("precision above 0.7", Share(realised.HotCoverage > 0 ? realised.HotPrecision : null), Share(expected.HotPrecision))
            .Row("calibration error", realised.CalibrationError, null)
            .WriteTo(console);
        var buckets = new ReportTable("Conversion by tier", "tier", "bucket", "leads", "converted", "rate", "predicted");
        foreach (var bucket in model.Buckets)
            buckets.Row(
                bucket.Tier.ToString(), bucket.Bucket, bucket.Leads, bucket.Converted,
                Share(bucket.Leads > 0 ? bucket.Rate : null), Share(bucket.Leads > 0 ? bucket.MeanProbability : null));
        buckets.WriteTo(console);
    }

    private static string? Share(double? share) => share is { } value ? ReportTable.Percent(value) : null;
}
