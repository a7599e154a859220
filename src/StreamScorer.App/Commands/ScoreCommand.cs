using System.CommandLine;
using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary><c>score</c>: scores a table offline.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var model = ModelOption.Create();
        var data = new Option<string>("--data")
        {
            Description = "Table to score: a CSV file, a Parquet file, or a folder of Parquet files. It needs no label.",
            Required = true,
            HelpName = "PATH",
        };
        var output = new Option<string>("--out")
        {
            Description = "File to write, .csv or .parquet: lead_id, model, raw score, probability, bucket, tier, hot.",
            Required = true,
            HelpName = "FILE",
        };
        var id = new Option<string?>("--id")
        {
            Description = "Column to copy as lead_id; by default that of training, else the row number.",
            HelpName = "COLUMN",
        };
        var command = new Command("score",
            "Score a table offline, to the same bits as the stream. JSON on the last line of stdout.")
        {
            model, data, output, id,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetRequiredValue(output), parsed.GetValue(id),
            cancellation), cancellation));
        return command;
    }

    private static int Run(string model, string data, string output, string? id, CancellationToken cancellation)
    {
        var result = WorkProgress.Run(progress => BatchScoring.Run(model, data, output, id, progress, cancellation));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.Output}: {result.Rows:N0} rows scored by {result.Model}, {result.HotRows:N0} hot"));
        JsonOutput.Write(result);
        return ExitCode.Done;
    }
}
