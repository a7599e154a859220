using System.CommandLine;
using Npgsql;
using StreamScorer.App.DeadLetters;
using StreamScorer.App.Terminal;
using StreamScorer.Sinks;

namespace StreamScorer.App.Commands;

/// <summary><c>deadletters retry</c>: publishes the events of letters again, each once.</summary>
internal static class DeadLettersRetryCommand
{
    public static Command Create()
    {
        var ids = new Argument<LetterId[]>("ids")
        {
            Description = "The letters: partition:offset as `deadletters list` shows them.",
            Arity = ArgumentArity.ZeroOrMore,
            CustomParser = result =>
            {
                // Settings such as --Kafka:Topic=user-events may follow; they are no ids.
                var own = result.Tokens.TakeWhile(token => !token.Value.StartsWith("--", StringComparison.Ordinal)).ToArray();
                result.OnlyTake(own.Length);
                var parsed = new List<LetterId>();
                foreach (var token in own)
                {
                    if (LetterId.TryParse(token.Value, out var id))
                        parsed.Add(id);
                    else
                        result.AddError($"A dead letter's id is partition:offset, such as 0:17, not '{token.Value}'.");
                }

                return [.. parsed];
            },
        };
        var all = new Option<bool>("--all") { Description = "All letters; those that were retried before, or are retries, are passed over." };
        var reason = new Option<string?>("--reason") { Description = "With --all: only letters with this reason.", HelpName = "NAME" };
        var again = new Option<bool>("--again") { Description = "Publish even what was retried before." };
        var command = new Command(
            "retry",
            "Publish the events of dead letters again, to the topic and partition they came from, each once. An event becomes its lead's newest: "
            + "retry only what is still true of the lead.")
        {
            ids, all, reason, again,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(ids) ?? []).Length > 0)
                result.AddError("Name the letters, or give --all.");
        });
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed, parsed.GetValue(ids) ?? [], parsed.GetValue(reason), parsed.GetValue(again), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, LetterId[] ids, string? reason, bool again, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var topic = new DeadLetterTopic(options.Kafka);
        var letters = ids.Length > 0
            ? topic.Read(letter => ids.Contains(letter.Id), ct)
            : topic.Read(letter => reason is null || letter.Reason == reason, ct);
        var unknown = ids.Except(letters.Select(letter => letter.Id)).ToArray();
        foreach (var id in unknown)
            await Console.Error.WriteLineAsync($"{id}: there is no such dead letter in {options.Kafka.EffectiveDeadLetterTopic}");
        try
        {
            await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
            await Migrations.ApplyAsync(dataSource, ct);
            using var retry = new DeadLetterRetry(options, new DeadLetterRetries(dataSource, TimeProvider.System));
            var retried = 0;
            foreach (var letter in letters)
            {
                ct.ThrowIfCancellationRequested();
                var result = await retry.RetryAsync(letter, again, ct);
                retried += result.Retried ? 1 : 0;
                await Console.Error.WriteLineAsync($"{letter.Id}: {result.Words}");
            }

            var passedOver = letters.Count - retried;
            JsonOutput.Write(new { Retried = retried, PassedOver = passedOver, Unknown = unknown.Length });
            return ids.Length > 0 && passedOver + unknown.Length > 0 ? ExitCode.Failed : ExitCode.Done;
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }
}
