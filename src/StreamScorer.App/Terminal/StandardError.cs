using Spectre.Console;

namespace StreamScorer.App.Terminal;

/// <summary>What is for a person's eyes goes to stderr; stdout is for data.</summary>
internal static class StandardError
{
    public static IAnsiConsole Console { get; } = AnsiConsole.Create(new AnsiConsoleSettings
    {
        // Detection looks at stdout; a log file must not get colours because stdout is a terminal.
        Ansi = System.Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        Out = new AnsiConsoleOutput(System.Console.Error),
    });
}
