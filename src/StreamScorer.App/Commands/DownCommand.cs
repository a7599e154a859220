using System.CommandLine;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Commands;

/// <summary><c>down</c>: stops what <c>up</c> started, by the process ids written down then.</summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var wipe = new Option<bool>("--wipe") { Description = "Remove their data too: topics, offsets, tables." };
        var command = new Command("down", "Stop the local Kafka and PostgreSQL that `up` started.") { wipe };
        command.SetAction((parsed, cancellation) => DownAsync(parsed.GetValue(wipe), cancellation));
        return command;
    }

    private static async Task<int> DownAsync(bool wipe, CancellationToken cancellationToken)
    {
        var folder = LocalServiceSet.DefaultFolder;
        var stopped = await LocalServiceSet.StopAsync(folder, cancellationToken);
        await Console.Error.WriteLineAsync(stopped ? "Stopped Kafka and PostgreSQL." : "Nothing was running.");
        if (wipe)
        {
            LocalServiceSet.Wipe(folder);
            await Console.Error.WriteLineAsync($"Removed {folder}.");
        }
        return 0;
    }
}
