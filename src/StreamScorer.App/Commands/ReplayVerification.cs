using System.CommandLine;
using System.Globalization;
using StreamScorer.App.Audit;
using StreamScorer.App.Hosting;
using StreamScorer.App.Terminal;
using StreamScorer.App.Verification;

namespace StreamScorer.App.Commands;

/// <summary><c>replay --verify</c>: scores what is in the archive again, from the topic, and compares the bits.</summary>
internal sealed class ReplayVerification
{
    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Publish nothing; score the rows of a checkpoint folder again and compare. A row holds no features: its event is read "
            + "back from the topic at its partition and offset, and scored with the model that the row names.",
    };

    private readonly Option<string?> _checkpoints = new("--checkpoints")
    {
        Description = "With --verify: the checkpoint folder; the setting Checkpoint:Folder where it is not given.",
        HelpName = "DIR",
    };

    private readonly Option<string> _models = new("--models")
    {
        Description = "With --verify: the folder below which models are looked for by id.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "models",
    };

    private readonly Option<long?> _from = new("--from") { Description = "With --verify: first offset of each partition.", HelpName = "OFFSET" };

    private readonly Option<long?> _to = new("--to") { Description = "With --verify: last offset of each partition.", HelpName = "OFFSET" };

    /// <summary>Adds the options, and the rule that replay either publishes or verifies.</summary>
    public void AddTo(Command command, params Option[] publishing)
    {
        foreach (var option in (Option[])[_verify, _checkpoints, _models, _from, _to])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            var verifies = result.GetValue(_verify);
            foreach (var option in publishing.Where(option => verifies && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} publishes and --verify only reads: give one of them.");
            foreach (var option in ((Option[])[_checkpoints, _models, _from, _to]).Where(option => !verifies && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} belongs to --verify.");
        });
    }

    /// <summary>Whether the arguments ask for a verification.</summary>
    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_verify);

    /// <summary>Verifies; exit code 1 where a bit differs, a model is missing, or there was nothing to compare.</summary>
    public int Run(ParseResult parsed, string? topic, string? bootstrap, CancellationToken ct)
    {
        string[] overrides = bootstrap is null ? [] : ["--Kafka:BootstrapServers=" + bootstrap];
        if (!WorkerSettings.TryBind(WorkerSettings.Configuration(overrides), out var settings))
            return ExitCode.BadUsage;
        if (bootstrap is null)
            WorkerSettings.UseLocalKafka(settings.Kafka);
        var window = new OffsetRun(parsed.GetValue(_from) ?? 0, parsed.GetValue(_to) is { } last and < long.MaxValue ? last + 1 : long.MaxValue);
        var models = ModelLibrary.Load(parsed.GetValue(_models)!, Console.Error.WriteLine);
        var report = new ArchiveVerification(settings.Kafka, topic ?? settings.Kafka.Topic, window, models)
            .Run(parsed.GetValue(_checkpoints) ?? settings.Checkpoint.Folder, Console.Error.WriteLine, ct);
        Tell(report, parsed.GetValue(_models)!);
        JsonOutput.Write(report);
        return report.IsSame ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Tell(VerificationReport report, string modelsFolder)
    {
        foreach (var model in report.Models)
        {
            var line = FormattableString.Invariant(
                $"model {model.ModelId[..12]}: {model.Compared:N0} rows scored again, {model.Different:N0} different");
            if (!model.IsFound)
            {
                line = FormattableString.Invariant($"model {model.ModelId[..12]}: not found below {modelsFolder}, ")
                    + FormattableString.Invariant($"{model.WithoutModel:N0} rows not verified (--models DIR)");
            }

            if (model.Undecodable > 0)
                line += FormattableString.Invariant($", {model.Undecodable:N0} whose record is no event for it");
            if (model.First is { } first)
            {
                line += FormattableString.Invariant($"; first at partition {first.Partition} offset {first.Offset}, ")
                    + FormattableString.Invariant($"largest distance {model.LargestDifference:R}");
            }

            Console.Error.WriteLine(line);
        }

        if (report.NotOnTopic > 0)
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.NotOnTopic:N0} rows have no record on the topic any more"));
        if (report.Rows == 0)
            Console.Error.WriteLine("There is nothing to verify: no row of this topic and these offsets.");
    }
}
