using System.CommandLine;
using System.Security.Cryptography;
using StreamScorer.App.Soak;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>soak</c>: load and faults for minutes or hours, then the account.</summary>
internal static class SoakCommand
{
    private const int MostMinutes = 7 * 24 * 60;

    public static Command Create()
    {
        var minutes = BoundedOption.Int("--minutes", "How long load and faults last.", 1, MostMinutes, 3);
        var seed = BoundedOption.Int("--seed", "Of the faults and the events; drawn and told where it is not given.", 0, int.MaxValue);
        var workers = BoundedOption.Int("--workers", "Workers of the group.", 1, 12, 2);
        var rate = BoundedOption.Int("--rate", "Events published a second.", 1, 1_000_000, 1000);
        var command = new Command(
            "soak",
            "Run workers under load on a Kafka and a PostgreSQL of its own while workers are killed, stopped and frozen, broker and "
            + "database restarted or killed, connections cut (also during COMMIT) or held still, the disk filled and the model swapped; then "
            + "heal, drain and audit --drained --deep. A line per interval and per fault on stderr, JSON on the last line of stdout; exit "
            + "code 1 unless every event is accounted for exactly once. Ctrl-C ends load and faults early, and the account still follows.")
        {
            minutes, seed, workers, rate,
        };
        command.SetAction((parsed, ct) => RunAsync(
            new SoakOptions
            {
                Duration = TimeSpan.FromMinutes(parsed.GetValue(minutes)!.Value),
                Seed = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000),
                Workers = parsed.GetValue(workers)!.Value,
                EventsPerSecond = parsed.GetValue(rate)!.Value,
            },
            ct));
        return command;
    }

    private static async Task<int> RunAsync(SoakOptions options, CancellationToken ct)
    {
        var folder = InstallationFolder.Local("soak");
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using var held = TryHold(folder + ".lock");
        if (held is null)
        {
            await Console.Error.WriteLineAsync($"error: another soak runs in {folder}; wait for its end.");
            return ExitCode.Failed;
        }

        var summary = await new SoakSession(options, folder, Console.Error.WriteLine).RunAsync(ct);
        if (summary.Clean)
            await SoakServices.ClearAsync(folder);
        else
            await Console.Error.WriteLineAsync($"Everything is still in {folder} until the next soak: logs, checkpoints, the services' data.");
        JsonOutput.Write(summary);
        return summary.Clean ? ExitCode.Done : ExitCode.Failed;
    }

    private static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
