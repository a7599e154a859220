using System.CommandLine;

namespace StreamScorer.Benchmarks;

/// <summary>What could not be measured, in words that say what to do about it; ends a benchmark with exit code 1.</summary>
internal sealed class MeasurementException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A benchmark's command line.</summary>
internal static class BenchmarkCommand
{
    // Else every exception, also one with a message for people, would be shown as a stack.
    private static readonly InvocationConfiguration Configuration = new() { EnableDefaultExceptionHandler = false };

    /// <summary>Runs a benchmark, or shows its help or what is wrong with its options.</summary>
    public static async Task<int> RunAsync(RootCommand command, string[] args)
    {
        var parsed = command.Parse(args);
        var code = await parsed.InvokeAsync(Configuration);
        return parsed.Errors.Count > 0 ? 2 : code;
    }
}
