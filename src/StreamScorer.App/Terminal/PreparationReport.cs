using Spectre.Console;
using StreamScorer.Training.Preparation;

namespace StreamScorer.App.Terminal;

/// <summary>What <c>prepare</c> made, as tables for a person.</summary>
internal static class PreparationReport
{
    public static void Write(PreparationSummary summary, IAnsiConsole console)
    {
        new ReportTable(summary.Source, "rows", "count", "label rate")
            .Row("training", summary.TrainingRows, ReportTable.Percent(summary.Training.Rate))
            .Row("streaming", summary.StreamingRows, ReportTable.Percent(summary.Streaming.Rate))
            .Row("total", summary.Rows, ReportTable.Percent(TotalRate(summary)))
            .Row("dropped, no label", summary.UnlabelledRows, null)
            .Row("streaming files", summary.Partitions, null)
            .WriteTo(console);
        var nulls = new ReportTable("Nulls by feature", "feature", "nulls", "share");
        foreach (var feature in summary.Features) nulls.Row(feature.Feature, feature.Nulls, ReportTable.Percent(feature.Share));
        nulls.WriteTo(console);
        console.WriteLine(summary.Output);
    }

    private static double TotalRate(PreparationSummary summary)
        => (double)(summary.Training.Positive + summary.Streaming.Positive) / summary.Rows;
}
