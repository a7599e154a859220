using System.CommandLine;
using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary><c>train</c>: labelled table to model folder.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "Training table: a CSV file, a Parquet file, or a folder of Parquet files.",
            Required = true,
            HelpName = "PATH",
        };
        var output = new Option<string>("--out")
        {
            Description = "Model folder: gets model.forest, metrics.json and model_card.md.",
            Required = true,
            HelpName = "DIR",
        };
        var folds = BoundedOption.Int(
            "--folds", "Cross-validate over the training rows too, in this many folds.", 2, 20);
        var noCharts = new Option<bool>("--no-charts")
        {
            Description = "Draw no pictures; saves the time of the learning curve's four smaller models.",
        };
        var columns = new ColumnOptions();
        var settings = new AlgorithmOptions();
        var command = new Command("train",
            "Train on 80 % of the rows, measure on the other 20 %, write the model. Metrics as JSON on the last line of stdout.")
        {
            data, output, folds, noCharts,
        };
        columns.AddTo(command);
        settings.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            settings.Read(parsed, columns.Read(parsed, new TrainingRequest
            {
                Data = parsed.GetRequiredValue(data),
                Output = parsed.GetRequiredValue(output),
                Folds = parsed.GetValue(folds) ?? 0,
                Charts = !parsed.GetValue(noCharts),
            })), cancellation), cancellation));
        return command;
    }

    private static int Run(TrainingRequest request, CancellationToken cancellation)
    {
        var report = WorkProgress.Run(progress => ModelTraining.Run(request, progress, cancellation));
        MetricsReport.Write(report.Validation,
            string.Create(CultureInfo.InvariantCulture, $"{report.Model}: {report.Algorithm}, "
                + $"{report.Rows.Training:N0} training rows, {report.Rows.Validation:N0} to measure"),
            StandardError.Console);
        if (report.CrossValidation is { } result) MetricsReport.WriteFolds(result, StandardError.Console);
        foreach (var warning in report.Warnings) Console.Error.WriteLine("warning: " + warning);
        Console.Error.WriteLine("Model card: " + Path.Combine(request.Output, ModelFolder.CardFile));
        JsonOutput.Write(MetricsLine.Of(
            report.Model, report.Id, report.Rows.Table, report.Rows.Training, report.Validation, report.CrossValidation));
        return ExitCode.Done;
    }
}
