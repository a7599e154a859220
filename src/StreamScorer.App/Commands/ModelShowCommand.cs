using System.CommandLine;
using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Forests;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary><c>model show</c>: schema, trees, calibration and figures of a model.</summary>
internal static class ModelShowCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Model folder, or a model file." };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of tables." };
        var command = new Command("show", "Show a model: its features, trees, calibration and figures.") { folder, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(folder), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, bool json)
    {
        var model = ModelFolder.Load(folder);
        var report = ModelFolder.ReadReport(folder, model.Id);
        if (json)
        {
            WriteJson(model, report);
            return ExitCode.Done;
        }

        Facts(model, report).WriteTo(StandardOutput.Console);
        Features(model.Schema).WriteTo(StandardOutput.Console);
        if (report is not null)
            MetricsReport.Write(report.Validation, "On rows it had not seen", StandardOutput.Console);
        foreach (var warning in report?.Warnings ?? [])
            Console.Out.WriteLine(warning);
        return ExitCode.Done;
    }

    private static ReportTable Facts(ForestModel model, ModelReport? report)
    {
        var table = new ReportTable(model.Name, "what", "value").TextAtEnd()
            .Row("id (SHA-256 of the file)", model.Id)
            .Row("algorithm", model.Algorithm)
            .Row("trees", model.TreeCount)
            .Row("features", model.Schema.Count)
            .Row("calibration", Text(model.Calibration))
            .Row("bucket edges", string.Join(", ", model.BucketEdges.Select(Text)));
        if (model.Baseline.RowCount > 0)
            table.Row("rows it learned from", model.Baseline.RowCount).Row("positive among them", model.Baseline.Positives);
        return report is null ? table : table.Row("seed", report.Seed).Row("label", report.Schema.LabelColumn);
    }

    private static ReportTable Features(FeatureSchema schema)
    {
        var table = new ReportTable(
            $"Schema {schema.Name}", "feature", "in events", "in the API", "kind", "required", "categories", "buckets");
        foreach (var feature in schema.Features)
        {
            table.Row(
                feature.Name, feature.StreamName, feature.ApiName, feature.Kind.ToString().ToLowerInvariant(),
                feature.Required ? "yes" : "no",
                feature.CategoryCount == 0 ? "" : feature.CategoryCount - 1,
                feature.BucketEdges.Count == 0 ? "" : feature.BucketEdges.Count + 1);
        }

        return table;
    }

    private static void WriteJson(ForestModel model, ModelReport? report) => JsonOutput.Write(new
    {
        model.Name,
        model.Id,
        model.Algorithm,
        Trees = model.TreeCount,
        Calibration = Text(model.Calibration),
        model.BucketEdges,
        Rows = model.Baseline.RowCount,
        model.Baseline.Positives,
        Features = model.Schema.Features.Select(feature => new
        {
            feature.Name,
            feature.StreamName,
            feature.ApiName,
            Kind = feature.Kind.ToString().ToLowerInvariant(),
            feature.Required,
            feature.NullTokens,
            Categories = feature.Categories.Skip(1),
            feature.BucketEdges,
        }),
        Validation = report is null ? null : MetricsLine.Of(
            model.Name, model.Id, report.Rows.Table, report.Rows.Training, report.Validation),
        Warnings = report?.Warnings ?? [],
    });

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(Calibration calibration) => calibration.Kind switch
    {
        CalibrationKind.Platt => string.Create(
            CultureInfo.InvariantCulture, $"Platt, slope {calibration.Slope:G6}, intercept {calibration.Intercept:G6}"),
        CalibrationKind.Isotonic => $"isotonic, {calibration.Levels.Count} levels",
        _ => "none",
    };
}
