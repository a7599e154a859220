using System.CommandLine;
using System.Globalization;
using StreamScorer.App.DeadLetters;

namespace StreamScorer.App.Commands;

/// <summary><c>deadletters show</c>: one letter with headers, key and value.</summary>
internal static class DeadLettersShowCommand
{
    public static Command Create()
    {
        var id = IdArgument();
        var bytes = BoundedOption.Int("--bytes", "How much of a long value is shown.", 16, 64 * 1024 * 1024, 4096);
        var raw = new Option<bool>("--raw") { Description = "Write the event's value to stdout, byte for byte, and nothing else." };
        var command = new Command("show", "One dead letter: headers, key and value, as text or as a hexadecimal dump.") { id, bytes, raw };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed, parsed.GetRequiredValue(id), parsed.GetValue(bytes) ?? 4096, parsed.GetValue(raw), ct));
        return command;
    }

    /// <summary>An argument that takes a letter's id.</summary>
    internal static Argument<LetterId> IdArgument() => new("id")
    {
        Description = "The letter: partition:offset as `deadletters list` shows it; an offset alone means partition 0.",
        CustomParser = result =>
        {
            if (LetterId.TryParse(result.Tokens.Single().Value, out var id))
                return id;
            result.AddError($"A dead letter's id is partition:offset, such as 0:17, not '{result.Tokens.Single().Value}'.");
            return default;
        },
    };

    private static async Task<int> RunAsync(ParseResult parsed, LetterId id, int mostBytes, bool raw, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        if (new DeadLetterTopic(options.Kafka).Find(id, ct) is not { } letter)
        {
            await Console.Error.WriteLineAsync(
                $"There is no dead letter {id} in {options.Kafka.EffectiveDeadLetterTopic}. `deadletters list` shows which there are.");
            return ExitCode.Failed;
        }

        if (raw)
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(letter.Value ?? [], ct);
            return ExitCode.Done;
        }

        Line("letter", $"{id} in {options.Kafka.EffectiveDeadLetterTopic}");
        Line("event", letter.Source.ToString());
        Line("written at", letter.WrittenAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "(the broker keeps no timestamps)");
        Line("reason", letter.Reason);
        Line("message", letter.Message);
        Line("stage", letter.Stage);
        foreach (var header in letter.Headers)
            Line("header", $"{header.Key} = {header.Value}");
        Line("key", BytesText.Describe(letter.Key, mostBytes));
        if (letter.Quarantine is { } note)
            Line("value", FormattableString.Invariant(
                $"{note.LengthBytes} bytes in {Path.Combine(options.Checkpoint.Folder, note.File)}, SHA-256 {note.Sha256}"));
        else
            Line("value", "\n" + BytesText.Describe(letter.Value, mostBytes));
        return ExitCode.Done;
    }

    private static void Line(string name, string text) => Console.Out.WriteLine($"{name,-11} {text}");
}
