using System.CommandLine;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary><c>evaluate</c>: figures of a model on labelled data.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = ModelOption.Create();
        var data = new Option<string>("--data")
        {
            Description = "Labelled table: a CSV file, a Parquet file, or a folder of Parquet files.",
            Required = true,
            HelpName = "PATH",
        };
        var label = new Option<string?>("--label")
        {
            Description = "Label column; by default the one the model was trained on.",
            HelpName = "COLUMN",
        };
        var positive = new Option<string?>("--positive")
        {
            Description = "Label value that means yes; by default that of training.",
            HelpName = "VALUE",
        };
        var command = new Command("evaluate", "Measure a model on labelled data. JSON on the last line of stdout.")
        {
            model, data, label, positive,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetValue(label), parsed.GetValue(positive),
            cancellation), cancellation));
        return command;
    }

    private static int Run(string model, string data, string? label, string? positive, CancellationToken cancellation)
    {
        var result = WorkProgress.Run(progress => ModelEvaluation.Run(model, data, label, positive, progress, cancellation));
        MetricsReport.Write(result.Metrics, $"{result.Model} on {data}", StandardError.Console);
        JsonOutput.Write(MetricsLine.Of(result.Model, result.Id, result.Rows, null, result.Metrics));
        return ExitCode.Done;
    }
}
