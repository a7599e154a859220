using System.CommandLine;

namespace StreamScorer.App.Commands;

/// <summary><c>deadletters list|show|retry</c>: events that could not be scored.</summary>
internal static class DeadLettersCommand
{
    public static Command Create() => new("deadletters", "Events that could not be scored: list them, look at one, publish mended ones again.")
    {
        DeadLettersListCommand.Create(),
        DeadLettersShowCommand.Create(),
        DeadLettersRetryCommand.Create(),
    };
}
