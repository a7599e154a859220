using System.CommandLine;
using System.CommandLine.Help;
using StreamScorer.App;
using StreamScorer.App.Commands;

return await CommandLineRun.RunAsync(VerbTable.Create(), args);

/// <summary>The verb table: one line per verb, one file per verb under Commands/.</summary>
internal static class VerbTable
{
    // Help has one width everywhere, so that it can be compared with its snapshots.
    private const int HelpColumns = 120;

    public static Command Create() => new(CommandLineRun.LauncherName, "StreamScorer: real-time lead scoring on Kafka.")
    {
        new HelpOption { Action = new HelpAction { MaxWidth = HelpColumns } },
        new VersionOption(),
        DemoCommand.Create(),
        RunCommand.Create(),
        KeysCommand.Create(),
        PublishCommand.Create(),
        UpCommand.Create(),
        DownCommand.Create(),
        EnvCommand.Create(),
        PrepareCommand.Create(),
        GenerateCommand.Create(),
        ReplayCommand.Create(),
        AuditCommand.Create(),
        SoakCommand.Create(),
        LeadsCommand.Create(),
        QualityCommand.Create(),
        AlertsCommand.Create(),
        OffsetsCommand.Create(),
        DeadLettersCommand.Create(),
        ParquetCommand.Create(),
        TrainCommand.Create(),
        TuneCommand.Create(),
        EvaluateCommand.Create(),
        ScoreCommand.Create(),
        ModelCommand.Create(),
    };
}
