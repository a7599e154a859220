using System.CommandLine;
using System.Globalization;
using Npgsql;
using Spectre.Console;
using StreamScorer.App.DeadLetters;
using StreamScorer.App.Terminal;
using StreamScorer.Sinks;

namespace StreamScorer.App.Commands;

/// <summary><c>deadletters list</c>: a line per letter.</summary>
internal static class DeadLettersListCommand
{
    public static Command Create()
    {
        var top = BoundedOption.Int("--top", "How many of the newest per partition at most.", 1, 1_000_000, 50);
        var reason = new Option<string?>("--reason") { Description = "Only letters with this reason.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "One JSON object per letter and line instead of the table." };
        var command = new Command("list", "A line per dead letter: its id, why, where the event stands, when, whether it was retried.") { top, reason, json };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed, parsed.GetValue(top) ?? 50, parsed.GetValue(reason), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, int top, string? reason, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var all = new DeadLetterTopic(options.Kafka).Read(letter => reason is null || letter.Reason == reason, ct);
        var letters = all.GroupBy(letter => letter.Id.Partition).SelectMany(partition => partition.TakeLast(top)).ToArray();
        var retried = await RetriedAsync(options, ct);
        if (json)
        {
            foreach (var letter in letters)
                WriteJson(letter, retried);
        }
        else if (letters.Length > 0)
        {
            StandardOutput.Console.Write(TableOf(letters, retried));
        }

        await Console.Error.WriteLineAsync(Summary(options.Kafka.EffectiveDeadLetterTopic, all, letters.Length));
        return ExitCode.Done;
    }

    /// <summary>What is known of an event; a question mark when PostgreSQL cannot be asked, as the list is of use without it.</summary>
    private static async Task<Func<EventPosition, string>> RetriedAsync(StreamScorerOptions options, CancellationToken ct)
    {
        try
        {
            await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
            var known = await new DeadLetterRetries(dataSource, TimeProvider.System).ReadAsync(options.Kafka.Topic, ct);
            var sources = known.Select(each => each.Source).ToHashSet();
            var published = known.Select(each => each.Published).OfType<EventPosition>().ToHashSet();
            return position => sources.Contains(position) ? "yes" : published.Contains(position) ? "is a retry" : "no";
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return _ => "no";
        }
        catch (NpgsqlException e)
        {
            await Console.Error.WriteLineAsync($"Which were retried is not known, PostgreSQL does not answer: {SinkErrors.Describe(e)}");
            return _ => "?";
        }
    }

    private static Table TableOf(IReadOnlyList<DeadLetter> letters, Func<EventPosition, string> retried)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("id", "reason", "what was wrong", "event", "written at", "retried");
        foreach (var letter in letters)
        {
            table.AddRow(
                Markup.Escape(letter.Id.ToString()), Markup.Escape(letter.Reason), Markup.Escape(letter.Message),
                Markup.Escape(letter.Source.ToString()),
                letter.WrittenAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-",
                retried(letter.Source));
        }

        return table;
    }

    private static void WriteJson(DeadLetter letter, Func<EventPosition, string> retried) => JsonOutput.Write(new
    {
        Id = letter.Id.ToString(),
        letter.Reason,
        letter.Message,
        letter.Stage,
        letter.Source.Topic,
        letter.Source.Partition,
        letter.Source.Offset,
        letter.WrittenAt,
        Retried = retried(letter.Source),
        letter.Quarantine,
    });

    private static string Summary(string topic, IReadOnlyList<DeadLetter> all, int shown)
    {
        if (all.Count == 0)
            return $"There are no dead letters in {topic}.";
        var reasons = string.Join(", ", all.GroupBy(letter => letter.Reason).OrderByDescending(group => group.Count())
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{shown} of {all.Count} dead letters in {topic}: {reasons}. Look at one: deadletters show ID. Publish again: deadletters retry ID.");
    }
}
