using System.CommandLine;
using System.CommandLine.Help;
using StreamScorer.App;
using StreamScorer.App.Commands;

// The verb table: one line per verb, one file per verb under Commands/.
var root = new Command(CommandLineRun.LauncherName, "StreamScorer: real-time lead scoring on Kafka.")
{
    new HelpOption(),
    new VersionOption(),
    RunCommand.Create(),
    UpCommand.Create(),
    DownCommand.Create(),
    EnvCommand.Create(),
    PrepareCommand.Create(),
    GenerateCommand.Create(),
    ReplayCommand.Create(),
    AuditCommand.Create(),
};
return await CommandLineRun.RunAsync(root, args);
