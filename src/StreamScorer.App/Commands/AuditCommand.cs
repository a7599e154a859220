using System.CommandLine;
using System.Globalization;
using StreamScorer.App.Audit;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>audit</c>: accounts for every offset below progress.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var drained = new Option<bool>("--drained") { Description = "The topic should be worked off: count records beyond progress as unseen." };
        var deep = new Option<bool>("--deep") { Description = "Compare every row with its record on the topic." };
        var from = Offset("--from", "First offset of each partition that --deep compares.");
        var to = Offset("--to", "Last offset of each partition that --deep compares.");
        var checkpoints = new Option<string[]>("--checkpoints")
        {
            Description = "Archive root, once per disk where workers do not share one; else the setting Checkpoint:Folder.",
            HelpName = "DIR",
        };
        var findings = BoundedOption.Int("--findings", "How many findings are put into words; all are counted.", 1, 1_000_000, 100);
        var command = new Command(
            "audit",
            "Account for every offset below progress, from topic, Parquet files and PostgreSQL. JSON on the last line; exit code 1 if "
            + "anything is lost, duplicate, mismatched or (with --drained) unseen. Safe while workers run.")
        {
            drained, deep, from, to, checkpoints, findings,
        };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(deep) && (result.GetValue(from) ?? result.GetValue(to)) is not null)
                result.AddError("--from and --to limit what --deep compares; give --deep too.");
        });
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed,
            new AuditRequest
            {
                Drained = parsed.GetValue(drained),
                Deep = parsed.GetValue(deep),
                Window = new OffsetRun(parsed.GetValue(from) ?? 0, parsed.GetValue(to) is { } last ? last + 1 : long.MaxValue),
                CheckpointFolders = parsed.GetValue(checkpoints) ?? [],
                KeepFindings = parsed.GetValue(findings) ?? 100,
            },
            ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, AuditRequest request, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var progress = new Progress<string>(line => Console.Error.WriteLine(line));
        var report = await new AuditRunner(options).RunAsync(request, progress, ct);
        AuditText.Write(report, StandardError.Console);
        await Console.Out.WriteLineAsync(AuditJson.Line(report));
        return report.IsClean ? ExitCode.Done : ExitCode.Failed;
    }

    private static Option<long?> Offset(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "OFFSET",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset < long.MaxValue)
                return offset;
            result.AddError($"{name} takes an offset, 0 or above, not '{text}'.");
            return null;
        },
    };
}
