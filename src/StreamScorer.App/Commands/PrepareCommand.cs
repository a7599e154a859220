using System.CommandLine;
using Spectre.Console;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Preparation;

namespace StreamScorer.App.Commands;

/// <summary><c>prepare</c>: raw lead-scoring CSV to training Parquet and streaming partitions.</summary>
internal static class PrepareCommand
{
    public static Command Create()
    {
        var csv = new Option<string>("--csv")
        {
            Description = "The Kaggle lead-scoring table, 37 columns.",
            Required = true,
            HelpName = "FILE",
        };
        var output = new Option<string>("--out")
        {
            Description = "Folder for processed/training_data.parquet and streaming/user_events/part-*.parquet.",
            Required = true,
            HelpName = "DIR",
        };
        var partitions = BoundedOption.Int("--partitions", "Files the streaming rows are spread over.",
            1, PreparationOptions.MostPartitions, PreparationOptions.DefaultPartitions);
        var seed = SeedOption.Create("Decides which leads are for training; the same seed gives the same files.");
        var json = new Option<bool>("--json") { Description = "Print the summary as one JSON object instead of tables." };
        var command = new Command("prepare",
            "Cut a raw CSV into a training set (70 %) and a stream (30 %), as Parquet files with business names.")
        {
            csv, output, partitions, seed, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            parsed.GetRequiredValue(csv), parsed.GetRequiredValue(output),
            new PreparationOptions { Partitions = parsed.GetRequiredValue(partitions)!.Value, Seed = parsed.GetValue(seed) },
            parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string csv, string output, PreparationOptions options, bool json, CancellationToken cancellation)
    {
        var summary = WorkProgress.Run(progress => DatasetPreparation.Run(csv, output, options, progress, cancellation));
        if (json) JsonOutput.Write(summary);
        else PreparationReport.Write(summary, AnsiConsole.Console);
        return ExitCode.Done;
    }
}
