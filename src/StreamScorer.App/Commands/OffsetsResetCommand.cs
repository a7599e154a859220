using System.CommandLine;
using System.Globalization;
using Confluent.Kafka;
using Npgsql;
using StreamScorer.App.Offsets;
using StreamScorer.App.Terminal;
using StreamScorer.Consumer;
using StreamScorer.Sinks;

namespace StreamScorer.App.Commands;

/// <summary>
/// <c>offsets reset</c>: moves progress and the Kafka group together, only while no worker is a member, on record, so
/// that <c>audit</c> takes what follows for an intended replay or skip.
/// </summary>
internal static class OffsetsResetCommand
{
    public static Command Create()
    {
        var to = new Option<string>("--to")
        {
            Description = "earliest, latest, an offset, or a moment such as 2026-05-01T08:00:00Z.",
            HelpName = "TARGET",
            Required = true,
        };
        to.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !ResetTarget.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--to takes earliest, latest, an offset or a moment such as 2026-05-01T08:00:00Z, not '{result.Tokens[0].Value}'.");
        });
        var partition = BoundedOption.Int("--partition", "Only this partition; all of the topic where it is not given.", 0, int.MaxValue);
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", DefaultValueFactory = _ => "", HelpName = "TEXT" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation." };
        var command = new Command(
            "reset", "Move the group: progress in PostgreSQL and the group's offsets in Kafka together. No worker may be running.")
        {
            to, partition, reason, yes,
        };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed, parsed.GetRequiredValue(to), parsed.GetValue(partition), parsed.GetValue(reason) ?? "", parsed.GetValue(yes), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string to, int? only, string reason, bool yes, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options) || !ResetTarget.TryParse(to, out var target))
            return ExitCode.BadUsage;
        if (target.NeedsTimestamps && !KafkaClientSettings.BrokerHasHeaders(options.Kafka))
            return Fail(ExitCode.BadUsage, "These brokers are too old to find records by time (below 0.10.1). Give earliest, latest or an offset.");
        var group = new GroupOffsets(options.Kafka);
        var partitions = group.Read().Where(each => only is null || each.Key == only).ToDictionary();
        if (partitions.Count == 0)
            return Fail(ExitCode.BadUsage, $"Topic {options.Kafka.Topic} has no partition {only}.");
        IReadOnlyDictionary<int, long> targets;
        try
        {
            targets = target.Resolve(group, partitions);
        }
        catch (ArgumentException e)
        {
            return Fail(ExitCode.BadUsage, e.Message);
        }

        if (group.Members() is { Count: > 0 } members)
            return Fail(ExitCode.Failed, MembersMessage(options.Kafka.GroupId, members));
        var progress = await OffsetsShowCommand.ReadProgressAsync(options, ct);
        ShowPlan(options.Kafka, targets, progress ?? new Dictionary<int, ProgressRow>());
        if (!yes && !Confirm())
            return Fail(Console.IsInputRedirected ? ExitCode.BadUsage : ExitCode.Failed, "Nothing was changed. To go ahead without the question: --yes");
        return await ApplyAsync(options, group, targets, reason, ct);
    }

    private static async Task<int> ApplyAsync(
        StreamScorerOptions options, GroupOffsets group, IReadOnlyDictionary<int, long> targets, string reason, CancellationToken ct)
    {
        try
        {
            // Kafka first: the brokers refuse it while the group has members, and until the database follows, a worker
            // goes on where it stood or, when the group is ahead of progress, does not start.
            group.Commit(targets);
        }
        catch (KafkaException e)
        {
            return Fail(ExitCode.Failed, $"Kafka refused to move group {options.Kafka.GroupId} ({e.Error.Reason}); nothing was changed. "
                + "Stop all workers, and wait for the session timeout of any that was killed.");
        }

        try
        {
            await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
            await Migrations.ApplyAsync(dataSource, ct);
            var applied = await new OffsetResets(dataSource, options.Kafka.GroupId, TimeProvider.System).ApplyAsync(
                [.. targets.Select(each => new OffsetReset(options.Kafka.Topic, each.Key, each.Value))], reason, Environment.UserName, ct);
            JsonOutput.Write(new { options.Kafka.Topic, Group = options.Kafka.GroupId, Resets = applied });
            return ExitCode.Done;
        }
        catch (NpgsqlException e)
        {
            return Fail(ExitCode.Failed, $"The Kafka group has moved and progress has not ({SinkErrors.Describe(e)}). Run the same command again.");
        }
    }

    private static void ShowPlan(KafkaOptions kafka, IReadOnlyDictionary<int, long> targets, IReadOnlyDictionary<int, ProgressRow> progress)
    {
        var table = new ReportTable($"{kafka.GroupId} on {kafka.Topic}", "partition", "progress", "to", "effect");
        foreach (var (partition, to) in targets.OrderBy(each => each.Key))
        {
            var from = progress.GetValueOrDefault(partition)?.NextOffset;
            var effect = from is null ? "begins here"
                : to < from ? string.Create(CultureInfo.InvariantCulture, $"replays {from - to:N0}")
                : to > from ? string.Create(CultureInfo.InvariantCulture, $"skips {to - from:N0}")
                : "stays; scored as a new incarnation";
            table.Row(partition.ToString(CultureInfo.InvariantCulture), from, to, effect);
        }

        table.WriteTo(StandardError.Console);
    }

    private static bool Confirm()
    {
        if (Console.IsInputRedirected)
            return false;
        Console.Error.Write("Replayed events are scored again and stand in the checkpoints a second time, on record. Go ahead? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static string MembersMessage(string groupId, IReadOnlyList<string> members) =>
        $"Group {groupId} has members: {string.Join(", ", members)}. Stop the workers first; one that was killed stays a "
        + "member until its session timeout (setting Kafka:SessionTimeout) ends.";

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
