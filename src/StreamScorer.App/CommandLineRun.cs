using System.CommandLine;
using StreamScorer.App.LocalServices;
using StreamScorer.Forests;
using StreamScorer.Parquet;
using StreamScorer.Training.Tables;

namespace StreamScorer.App;

/// <summary>Runs the verb that the arguments name, and turns its failure into a message and an exit code.</summary>
internal static class CommandLineRun
{
    /// <summary>What people type, as help and messages show it.</summary>
    public const string LauncherName = "./streamscorer";

    // Ctrl-C and SIGTERM cancel the verb's token; a verb has this long to put its things in order.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(Command root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // What is wrong and how to call the verb are for a person: stdout is for data.
            await parsed.InvokeAsync(new InvocationConfiguration { Output = Console.Error });
            return ExitCode.BadUsage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = StopPatience,
            });
        }
        catch (ServiceMissingException missing)
        {
            await Console.Error.WriteLineAsync($"error: {missing.Message}");
            return ExitCode.ServiceMissing;
        }
        catch (LocalServiceException missing)
        {
            await Console.Error.WriteLineAsync($"error: {missing.Message}");
            return ExitCode.ServiceMissing;
        }
        catch (Exception failure) when (failure is DataFileException or ForestException or ParquetException
                                         or IOException or UnauthorizedAccessException)
        {
            // These name file, place and remedy themselves; a stack trace would hide them.
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("stopped.");
            return ExitCode.Failed;
        }
    }
}
