using Spectre.Console;

namespace StreamScorer.App.Terminal;

/// <summary>What is for a person's eyes goes to stderr; stdout is for data.</summary>
internal static class StandardError
{
    /// <summary>Columns of a log file; it has no edge to wrap at, and tables wrapped at 80 are hard to read.</summary>
    private const int LogColumns = 160;

    public static IAnsiConsole Console { get; } = Create();

    private static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            // Detection looks at stdout; a log file must not get colours because stdout is a terminal.
            Ansi = System.Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Out = new AnsiConsoleOutput(System.Console.Error),
        });
        if (System.Console.IsErrorRedirected) console.Profile.Width = LogColumns;
        return console;
    }
}
