using Spectre.Console;

namespace StreamScorer.App.Terminal;

/// <summary>Tables that are the answer itself; in a pipe or file without colours and without a terminal's narrow lines.</summary>
internal static class StandardOutput
{
    /// <summary>Columns of a table that no terminal bounds.</summary>
    private const int UnboundedWidth = 240;

    public static IAnsiConsole Console { get; } = Create();

    private static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = System.Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = System.Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(System.Console.Out),
        });
        if (System.Console.IsOutputRedirected)
            console.Profile.Width = UnboundedWidth;
        return console;
    }
}
