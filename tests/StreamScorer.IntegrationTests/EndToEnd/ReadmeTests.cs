using StreamScorer.App;
using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.IntegrationTests.EndToEnd;

/// <summary>Runs what the README shows under "The parts by themselves", line by line, in an installation of its own.</summary>
public class ReadmeTests
{
    [RequiresServicesFact]
    public async Task The_commands_of_the_readme_work_in_their_order()
    {
        await using var installation = Installation.Create();
        Verb? worker = null;
        var commands = Commands();
        Assert.Equal(["up", "env", "train", "run", "replay", "leads", "audit", "down"], commands.Select(command => command[0]));
        foreach (var command in commands)
        {
            if (command[0] == "run")
            {
                // A checkpoint every minute, the default, would make this a long test.
                installation.Environment["Checkpoint__MaxAge"] = "00:00:01";
                worker = installation.Start(command);
                continue;
            }

            if (command[0] == "audit")
                await StopDrainedAsync(installation, worker!);
            var result = await installation.RunAsync(command);
            Assert.True(result.ExitCode == 0, $"{string.Join(' ', command)}: {result}");
            if (command[0] == "env")
                TakeEnvironment(installation, result.Output);
        }
    }

    private static List<string[]> Commands()
    {
        var lines = File.ReadAllLines(Path.Combine(InstallationFolder.Path, "README.md"))
            .SkipWhile(line => !line.StartsWith("## The parts by themselves", StringComparison.Ordinal))
            .SkipWhile(line => line != "```sh").Skip(1).TakeWhile(line => line != "```");
        return lines.Select(line => line.Split('#')[0].Replace("eval \"$(", "", StringComparison.Ordinal).Replace(")\"", "", StringComparison.Ordinal).Trim())
            .Select(line => line["./streamscorer ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
    }

    private static void TakeEnvironment(Installation installation, string exports)
    {
        foreach (var line in exports.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = line["export ".Length..].Split('=', 2) is [var left, var right] ? (left, right) : (line, "");
            installation.Environment[name] = value.Trim('\'', '"');
        }
    }

    private static async Task StopDrainedAsync(Installation installation, Verb worker)
    {
        // The stop drains: what was consumed is registered and committed before the process ends.
        await Task.Delay(TimeSpan.FromSeconds(5));
        worker.Identity?.Send(UnixSignal.Terminate);
        var result = await worker.WaitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("2772 scored", result.Error + result.Output, StringComparison.Ordinal);
        _ = installation;
    }
}
