using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using StreamScorer.App.Hosting;

namespace StreamScorer.App.Commands;

/// <summary>
/// The worker's settings for the verbs of operators: files and environment as for <c>run</c>, on the command line
/// anything like <c>--Kafka:Topic=user-events</c> beside the verb's own options, and the local services where nothing
/// names an address.
/// </summary>
internal static class OperatorSettings
{
    /// <summary>Lets the command take settings. Its own misspelt options stay errors, told by <see cref="TryRead"/>.</summary>
    public static void Accept(Command command) => command.TreatUnmatchedTokensAsErrors = false;

    /// <summary>False: the faults were written to stderr, and the verb ends with <see cref="ExitCode.BadUsage"/>.</summary>
    public static bool TryRead(ParseResult parsed, [NotNullWhen(true)] out StreamScorerOptions? options)
    {
        var (settings, foreign) = Split(parsed.UnmatchedTokens);
        if (foreign is null)
            return WorkerSettings.TryBind(WorkerSettings.ConfigurationOrLocal([.. settings]), out options);
        Console.Error.WriteLine(
            $"There is no option or argument '{foreign}' here; --help lists them. Settings look like --Kafka:Topic=user-events.");
        options = null;
        return false;
    }

    private static (IReadOnlyList<string> Settings, string? Foreign) Split(IEnumerable<string> tokens)
    {
        var settings = new List<string>();
        var needsValue = false;
        foreach (var token in tokens)
        {
            if (!needsValue && !(token.StartsWith("--", StringComparison.Ordinal) && token.Contains(':', StringComparison.Ordinal)))
                return (settings, token);
            settings.Add(token);
            needsValue = !needsValue && !token.Contains('=', StringComparison.Ordinal);
        }

        return (settings, null);
    }
}
